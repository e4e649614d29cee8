/** What stands in the work tree and in no commit. */
import { git } from "./git.ts";
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
