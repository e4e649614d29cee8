/** A word on edits that nobody has committed or pushed: a tick does not see them. */
import { uncommittedFiles, unpushedCommits } from "#runner/repo/uncommitted.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { VerbContext } from "./verb.ts";

const WHERE = "under projects/, agents/ or in fettle.yaml";

export async function tellUncounted(context: VerbContext, repository: Repository): Promise<void> {
  await tellUncommitted(context, repository);
  await tellUnpushed(context, repository);
}

async function tellUncommitted({ at, notice }: VerbContext, repository: Repository): Promise<void> {
  if (at !== null) return;
  const count = await uncommittedFiles(repository);
  if (count === 0) return;
  const files = count === 1 ? "1 file has changes" : `${count} files have changes`;
  notice(`${files} ${WHERE} that are not committed: they do not count yet`);
}

/** With an origin, what is pushed counts: who has only committed would wait in vain. */
export async function tellUnpushed(
  { at, notice }: VerbContext,
  repository: Repository,
): Promise<void> {
  if (at !== null) return;
  const count = await unpushedCommits(repository);
  if (count === 0) return;
  const [commits, they] =
    count === 1 ? ["1 commit of main is", "it does"] : [`${count} commits of main are`, "they do"];
  notice(`${commits} not pushed: ${they} not count yet (git push origin main)`);
}
