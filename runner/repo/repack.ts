import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { GitPlace } from "./git.ts";
import { gitText } from "./git.ts";

/**
 * Joins small packs into larger ones so that lookups stay cheap; every object survives, reachable or not.
 *
 * Packs marked `.keep` are left alone by git. Packs of a partial clone (`.promisor`) are left alone by us:
 * joined, they would lose the mark that excuses the blobs they lack.
 */
export async function repack(place: GitPlace): Promise<void> {
  const kept = await promisedPacks(place);
  await gitText(place, ["repack", "-d", "-n", "-q", "--geometric=2", ...kept]);
}

/** Joins all packs into one and takes loose objects along; slow, and the smallest that git makes. Every object survives. */
export async function repackAll(place: GitPlace): Promise<void> {
  const kept = await promisedPacks(place);
  await gitText(place, ["repack", "-a", "-d", "-k", "-n", "-q", ...kept]);
}

/** Packs that joining would make fewer. */
export async function countPacks(place: Pick<GitPlace, "gitDir">): Promise<number> {
  // A folder that cannot be read is told by whoever writes to it.
  const names = new Set(await packFiles(place).catch(() => []));
  const packs = [...names].filter((name) => name.endsWith(".pack"));
  const isFixed = (pack: string): boolean =>
    ["keep", "promisor"].some((mark) => names.has(pack.replace(/pack$/, mark)));
  return packs.filter((pack) => !isFixed(pack)).length;
}

async function promisedPacks(place: GitPlace): Promise<readonly string[]> {
  const names = await packFiles(place);
  const promised = names.filter((name) => name.endsWith(".promisor"));
  return promised.map((name) => `--keep-pack=${name.replace(/\.promisor$/, ".pack")}`);
}

async function packFiles(place: Pick<GitPlace, "gitDir">): Promise<readonly string[]> {
  return readdir(join(place.gitDir, "objects", "pack"));
}
