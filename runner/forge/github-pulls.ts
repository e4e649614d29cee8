/** Pull requests: looked at, made once, merged as they were seen. */
import { factsOf, versionOf, type Listed } from "./github-facts.ts";
import { answered, ONCE, type Answered, type GithubPlace, type Line } from "./github-client.ts";
import type { Merging, Proposal, Proposed, PullFacts, Watched } from "./port.ts";

const BASE = "main";
const PAGE = 100;
/** Pages of pull requests that are looked through for a branch before it is asked for by name. */
const PAGES = 3;

/** One request where nothing has changed; pages end as soon as every branch was found. */
export async function observePulls(
  line: Line,
  { branches, known }: Watched,
): Promise<Answered<ReadonlyMap<string, PullFacts>>> {
  const listed = await listPulls(line, new Set(branches));
  if (!listed.ok) return listed;
  const found = new Map<string, PullFacts>();
  for (const branch of branches) {
    const pull = listed.value.get(branch);
    if (pull === undefined) continue;
    const before = known.get(branch);
    const isKnown = before?.number === pull.number && before.version === versionOf(pull);
    const facts = isKnown ? { ok: true as const, value: before } : await factsOf(line, pull);
    if (!facts.ok) return facts;
    found.set(branch, facts.value);
  }
  return { ok: true, value: found };
}

async function listPulls(
  { client, place, signal }: Line,
  wanted: ReadonlySet<string>,
): Promise<Answered<ReadonlyMap<string, Listed>>> {
  return answered(signal, async () => {
    const newest = new Map<string, Listed>();
    const { owner, repo } = place;
    const query = { owner, repo, state: "all", sort: "updated", direction: "desc" } as const;
    for (let page = 1; page <= PAGES; page += 1) {
      const { data } = await client.rest.pulls.list({
        ...query,
        per_page: PAGE,
        page,
        request: { signal },
      });
      for (const pull of data.filter((one) => isOurs(place, one) && wanted.has(one.head.ref))) {
        newest.set(pull.head.ref, preferred(newest.get(pull.head.ref), pull));
      }
      if (newest.size === wanted.size || data.length < PAGE) break;
    }
    return newest;
  });
}

/** A fork may have a branch of any name, and somebody may ask to merge a branch elsewhere. */
function isOurs({ owner, repo }: GithubPlace, { head, base }: Listed): boolean {
  return (
    base.ref === BASE && head.repo?.full_name.toLowerCase() === `${owner}/${repo}`.toLowerCase()
  );
}

/** The open one, else the newest: pages may come in any order. */
function preferred(one: Listed | undefined, other: Listed): Listed {
  if (one === undefined) return other;
  if (one.state !== other.state) return one.state === "open" ? one : other;
  return one.number > other.number ? one : other;
}

/** Looked for, made, and looked for again: however an answer gets lost, there is one. */
export async function proposePull(line: Line, proposal: Proposal): Promise<Answered<Proposed>> {
  const before = await findPull(line, proposal.branch);
  if (!before.ok) return before;
  if (before.value !== null) return { ok: true, value: { kind: "found", number: before.value } };
  const made = await createPull(line, proposal);
  return made.ok
    ? labelled(line, proposal, { kind: "made", number: made.value })
    : notMade(line, proposal, made);
}

/** GitHub may have acted before its answer was lost, and says 422 for what is there as for what cannot be. */
async function notMade(
  line: Line,
  proposal: Proposal,
  made: Extract<Answered<number>, { ok: false }>,
): Promise<Answered<Proposed>> {
  const { status } = made.failure;
  if (status < 500 && status !== 422) return made;
  const after = await findPull(line, proposal.branch);
  if (!after.ok) return after;
  if (after.value !== null) return labelled(line, proposal, { kind: "found", number: after.value });
  return status === 422 ? { ok: true, value: { kind: "absent" } } : made;
}

/** An open one, else the newest that there was: what a person has closed is not proposed again. */
async function findPull(line: Line, branch: string): Promise<Answered<number | null>> {
  const { client, place, signal } = line;
  const { owner, repo } = place;
  return answered(signal, async () => {
    const query = { owner, repo, state: "all", head: `${owner}:${branch}`, base: BASE } as const;
    const { data } = await client.rest.pulls.list({
      ...query,
      per_page: PAGE,
      request: { signal },
    });
    return data
      .filter((pull) => isOurs(place, pull) && pull.head.ref === branch)
      .reduce<Listed | null>((best, pull) => preferred(best ?? undefined, pull), null);
  }).then((found) => (found.ok ? { ok: true, value: found.value?.number ?? null } : found));
}

async function createPull(
  { client, place, signal }: Line,
  proposal: Proposal,
): Promise<Answered<number>> {
  const { owner, repo } = place;
  const { branch, title, body } = proposal;
  return answered(signal, async () => {
    const what = { owner, repo, head: branch, base: BASE, title, body };
    const { data } = await client.rest.pulls.create({ ...what, request: { ...ONCE, signal } });
    return data.number;
  });
}

/** Labels are for people: without them it is a proposal all the same. */
async function labelled(
  { client, place, signal }: Line,
  { labels }: Proposal,
  proposed: { readonly kind: "made" | "found"; readonly number: number },
): Promise<Answered<Proposed>> {
  const { owner, repo } = place;
  if (labels.length > 0) {
    const at = { owner, repo, issue_number: proposed.number };
    await answered(signal, () =>
      client.rest.issues.addLabels({ ...at, labels: [...labels], request: { signal } }),
    );
  }
  return { ok: true, value: proposed };
}

export async function revisePull(
  { client, place, signal }: Line,
  number: number,
  { title, body }: Pick<Proposal, "title" | "body">,
): Promise<Answered<"changed">> {
  const { owner, repo } = place;
  return answered(signal, async (): Promise<"changed"> => {
    const what = { owner, repo, pull_number: number, title, body };
    await client.rest.pulls.update({ ...what, request: { signal } });
    return "changed";
  });
}

/** A lost answer is looked up: merged is merged. */
export async function mergePull(
  line: Line,
  number: number,
  { head, message }: { readonly head: string; readonly message: string },
): Promise<Answered<Merging>> {
  const { client, place, signal } = line;
  const { owner, repo } = place;
  const at = { owner, repo, pull_number: number };
  const [title = "", ...body] = message.split("\n");
  const merged = await answered(signal, async (): Promise<Merging> => {
    const how = {
      sha: head,
      merge_method: "merge",
      commit_title: title,
      commit_message: body.join("\n").trim(),
    } as const;
    await client.rest.pulls.merge({ ...at, ...how, request: { ...ONCE, signal } });
    return { kind: "merged", detail: "" };
  });
  if (merged.ok) return merged;
  const { status, message: detail } = merged.failure;
  if (status === 409) return { ok: true, value: { kind: "moved", detail } };
  if (status !== 405 && status < 500) return merged;
  const after = await answered(signal, () => client.rest.pulls.get({ ...at, request: { signal } }));
  if (!after.ok) return after;
  const { merged: isMerged, head: newest } = after.value.data;
  if (isMerged && newest.sha === head) return { ok: true, value: { kind: "merged", detail: "" } };
  return status === 405 ? { ok: true, value: { kind: "conflict", detail } } : merged;
}
