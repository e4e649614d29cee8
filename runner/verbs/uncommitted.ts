/** A word on edits that nobody has committed: a tick does not see them. */
import { uncommittedFiles } from "#runner/repo/uncommitted.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { VerbContext } from "./verb.ts";

export async function tellUncommitted(
  { at, notice }: VerbContext,
  repository: Repository,
): Promise<void> {
  if (at !== null) return;
  const count = await uncommittedFiles(repository);
  if (count === 0) return;
  const files = count === 1 ? "1 file has changes" : `${count} files have changes`;
  notice(
    `${files} under projects/, agents/ or in fettle.yaml that are not committed: they do not count yet`,
  );
}
