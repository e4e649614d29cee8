/** What is said of commits: a state and a line for each context. */
import { answered, ONCE, type Answered, type Line } from "./github-client.ts";
import type { CommitWord, Kept } from "./port.ts";

const PAGE = 100;
/** GitHub takes no longer one. */
const LONGEST = 140;

/** GitHub keeps every word ever said of a commit, and takes a thousand: the same is not said twice. */
export async function sayOf(line: Line, commit: string, word: CommitWord): Promise<Answered<Kept>> {
  const { client, place, signal } = line;
  const { owner, repo } = place;
  const description = shortened(word.description);
  const at = { owner, repo, request: { signal } };
  const before = await answered(signal, () =>
    client.rest.repos.getCombinedStatusForRef({ ...at, ref: commit, per_page: PAGE }),
  );
  if (!before.ok) return before;
  const said = before.value.data.statuses.find(({ context }) => context === word.context);
  if (said?.state === word.state && said.description === description) {
    return { ok: true, value: "same" };
  }
  return answered(signal, async (): Promise<Kept> => {
    const pull = before.value.data.repository.html_url;
    await client.rest.repos.createCommitStatus({
      owner,
      repo,
      sha: commit,
      state: word.state,
      context: word.context,
      description,
      target_url: `${pull}/pull/${word.number}`,
      request: { ...ONCE, signal },
    });
    return said === undefined ? "made" : "changed";
  });
}

/** Whole letters only. */
function shortened(text: string): string {
  const letters = Array.from(text);
  return letters.length <= LONGEST ? text : `${letters.slice(0, LONGEST - 1).join("")}…`;
}
