/** Versions and the ranges that steps pin: `^2`, `~2.1`, `2.1.0`. */

/** `writer@^2` → name and range; the range is null when nothing is pinned. */
export function agentReference(reference: string): {
  readonly name: string;
  readonly range: string | null;
} {
  const [name = reference, range = null] = reference.split("@");
  return { name, range };
}

/**
 * True when the version is in the range, as npm reads it: `^` keeps the first part that is not 0, `~` keeps the minor,
 * and parts that are left out may be anything.
 */
export function isInRange(version: string, range: string): boolean {
  const wanted = numbers(range.replace(/^[~^]/, ""));
  const actual = numbers(version);
  const fixed = fixedParts(range, wanted);
  if (wanted.slice(0, fixed).some((part, index) => part !== actual[index])) return false;
  return isAtLeast(actual, wanted);
}

/** How many leading parts must be the same. */
function fixedParts(range: string, wanted: readonly number[]): number {
  if (range.startsWith("~")) return Math.min(2, wanted.length);
  if (!range.startsWith("^")) return wanted.length;
  const significant = wanted.findIndex((part) => part !== 0);
  return significant === -1 ? wanted.length : significant + 1;
}

function isAtLeast(actual: readonly number[], wanted: readonly number[]): boolean {
  const different = wanted.findIndex((part, index) => part !== actual[index]);
  return different === -1 || (actual[different] ?? 0) > (wanted[different] ?? 0);
}

function numbers(version: string): readonly number[] {
  return version.split(".").map(Number);
}
