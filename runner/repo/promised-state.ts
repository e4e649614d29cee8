import { join } from "node:path";
import { STATE } from "#runner/core/ref-names.ts";
import { git } from "./git.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";

/**
 * A shallow clone is here for a little while: before the state comes, its origin is made to promise what it leaves out, so that of
 * the state only those files are fetched that are read. It is written down for git, which else would miss them.
 */
export async function withPromises(repository: Repository): Promise<Repository> {
  const { shallow, partial, origin, commonDir } = repository;
  if (!shallow || partial || origin === null || readRefs(repository).has(STATE)) return repository;
  const file = join(commonDir, "config");
  const set = await git(repository.own, [
    "config",
    "--file",
    file,
    "remote.origin.promisor",
    "true",
  ]);
  return set.code === 0 ? { ...repository, partial: true } : repository;
}
