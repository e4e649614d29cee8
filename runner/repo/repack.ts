import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { GitPlace } from "./git.ts";
import { git, gitFailure } from "./git.ts";
import { withoutLeftPacks } from "./left-packs.ts";

/**
 * Joins small packs into larger ones so that lookups stay cheap; every object survives, reachable or not.
 *
 * Packs marked `.keep` are left alone by git. Packs of a partial clone (`.promisor`) are left alone by us:
 * joined, they would lose the mark that excuses the blobs they lack.
 */
export async function repack(place: GitPlace): Promise<void> {
  const kept = promisedPacks(place);
  await run(place, ["repack", "-d", "-n", "-q", "--geometric=2", ...kept]);
}

/** Joins all packs into one and takes loose objects along; slow, and the smallest that git makes. Every object survives. */
export async function repackAll(place: GitPlace): Promise<void> {
  const kept = promisedPacks(place);
  await run(place, ["repack", "-a", "-d", "-k", "-n", "-q", ...kept]);
}

async function run(place: GitPlace, args: readonly string[]): Promise<void> {
  const result = await withoutLeftPacks(place, () => git(place, args));
  if (result.code !== 0) throw gitFailure(args, result);
}

/** Packs that joining would make fewer. */
export function countPacks(place: Pick<GitPlace, "gitDir">): number {
  const names = new Set(packFilesIfAny(place));
  const packs = [...names].filter((name) => name.endsWith(".pack"));
  const isFixed = (pack: string): boolean =>
    ["keep", "promisor"].some((mark) => names.has(pack.replace(/pack$/, mark)));
  return packs.filter((pack) => !isFixed(pack)).length;
}

function promisedPacks(place: GitPlace): readonly string[] {
  const names = packFiles(place);
  const promised = names.filter((name) => name.endsWith(".promisor"));
  return promised.map((name) => `--keep-pack=${name.replace(/\.promisor$/, ".pack")}`);
}

/** A folder that cannot be read is told by whoever writes to it. */
function packFilesIfAny(place: Pick<GitPlace, "gitDir">): readonly string[] {
  try {
    return packFiles(place);
  } catch {
    return [];
  }
}

/** Read at once: what reads without waiting takes longer to load. */
function packFiles(place: Pick<GitPlace, "gitDir">): readonly string[] {
  return readdirSync(join(place.gitDir, "objects", "pack"));
}
