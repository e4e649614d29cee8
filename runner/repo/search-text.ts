/** Which files of a commit hold some text. */
import { git, gitFailure } from "./git.ts";
import type { Repository } from "./repository.ts";

/** Paths, sorted, of files that hold one of the words as a whole word; upper and lower case are the same, and binary files are not searched. */
export async function filesHolding(
  repository: Repository,
  commit: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const patterns = words.flatMap((word) => ["-e", word]);
  const options = ["-l", "-z", "-i", "-I", "-w", "-F", "--full-name"];
  const args = ["grep", ...options, ...patterns, commit, "--"];
  const result = await git(repository.own, args);
  if (result.code === 1) return [];
  if (result.code !== 0) throw gitFailure(args, result);
  const names = result.stdout.toString("utf8").split("\0").filter(Boolean);
  return names.map((name) => name.slice(commit.length + 1)).toSorted();
}
