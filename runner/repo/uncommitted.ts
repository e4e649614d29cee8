/** What stands in the work tree and in no commit, or in commits of main that the origin lacks. */
import { fetchedRef, MAIN } from "#runner/core/ref-names.ts";
import { git } from "./git.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";

const DESIRED = ["fettle.yaml", "projects", "agents"];

/** How many files of the desired state differ from the checked-out commit; 0 outside the main work tree. */
export async function uncommittedFiles(repository: Repository): Promise<number> {
  const { mainWorkTree, topLevel, operator } = repository;
  // The index of a linked work tree is not that of the shared git dir.
  if (topLevel === undefined || topLevel !== mainWorkTree) return 0;
  const place = { ...operator, workTree: topLevel, folder: topLevel };
  const asked = ["--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ...DESIRED];
  const { code, stdout } = await git(place, ["--no-optional-locks", "status", ...asked]);
  return code === 0 ? stdout.toString("utf8").split("\0").filter(Boolean).length : 0;
}

/** How many commits of main the origin did not have when it was asked last, as far as they touch the desired state. */
export async function unpushedCommits(repository: Repository): Promise<number> {
  if (repository.origin === null) return 0;
  const refs = readRefs(repository);
  const here = refs.get(MAIN);
  const there = refs.get(fetchedRef(MAIN));
  if (here === undefined || there === undefined || here === there) return 0;
  const asked = ["--count", "--end-of-options", here, `^${there}`, "--", ...DESIRED];
  const { code, stdout } = await git(repository.own, ["rev-list", ...asked]);
  return code === 0 ? Number(stdout.toString("utf8")) : 0;
}
