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
  const names = await readdir(join(place.gitDir, "objects", "pack"));
  const promised = names.filter((name) => name.endsWith(".promisor"));
  const kept = promised.map((name) => `--keep-pack=${name.replace(/\.promisor$/, ".pack")}`);
  await gitText(place, ["repack", "-d", "-n", "-q", "--geometric=2", ...kept]);
}
