/** Which gits can be worked with. */

/** `merge-tree --write-tree` came with this version. */
const OLDEST_GIT = "2.38";

export type UnfitGit =
  | { readonly kind: "odd-git"; readonly says: string }
  | { readonly kind: "old-git"; readonly found: string; readonly needed: string };

/** `version`: `2.45.1`, or what a git says that tells none. */
export function unfitGit(version: string): UnfitGit | undefined {
  if (!/^\d/.test(version)) return { kind: "odd-git", says: version };
  return isOlder(version, OLDEST_GIT)
    ? { kind: "old-git", found: version, needed: OLDEST_GIT }
    : undefined;
}

function isOlder(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split(".").map(Number);
  return major === neededMajor ? minor < neededMinor : major < neededMajor;
}
