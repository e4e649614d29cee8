/** When files of main were changed last. */
import { gitText } from "./git.ts";
import type { Repository } from "./repository.ts";

/** The commit before the last one of main's own line that changed any of the paths; undefined when there is none. */
export async function beforeLastChange(
  repository: Repository,
  { commit, paths }: { readonly commit: string; readonly paths: readonly string[] },
): Promise<string | undefined> {
  const args = ["log", "--first-parent", "--format=%P", "--max-count=1", "--end-of-options"];
  const literal = paths.map((path) => `:(top,literal)${path}`);
  const parents = await gitText(repository.own, [...args, commit, "--", ...literal]);
  return parents.trim().split(" ").find(Boolean);
}
