import { join } from "node:path";
import { git } from "./git.ts";
import type { Repository } from "./repository.ts";

/** What git finds wrong with the objects of a clone; every path is absolute. */
export interface Soundness {
  /** Files of single objects that hold something else than their name says. */
  readonly loose: readonly string[];
  /** Packs (`.pack`) that hold something else than their index says. */
  readonly packs: readonly string[];
  /** Ids of objects that something names and that cannot be read, the ones of those files too. */
  readonly objects: readonly string[];
}

const FSCK = ["fsck", "--full", "--no-dangling", "--no-progress", "--no-reflogs"];
const LOOSE = /objects\/([0-9a-f]{2})\/([0-9a-f]{38,62})\b/g;
const PACK = /objects\/pack\/(pack-\w+)\.(?:pack|idx)/g;
const MISSING =
  /(?:missing \w+|invalid sha1 pointer|broken link to +\w+|cannot unpack|error:) ([0-9a-f]{40,64})\b/g;
const NONE = /^0+$/;

/** Reads every object, as `git fsck` does; what a partial clone was promised may be missing. */
export async function checkObjects(
  repository: Repository,
  signal: AbortSignal,
): Promise<Soundness> {
  const { commonDir, own } = repository;
  const result = await git({ ...own, gitDir: commonDir, signal }, FSCK);
  const said = `${result.stdout.toString("utf8")}\n${result.stderr}`;
  const complaints = result.code === 0 ? "" : said;
  const loose = [...complaints.matchAll(LOOSE)].map(([path]) => join(commonDir, path));
  const named = [...complaints.matchAll(LOOSE)].map(([, folder, file]) => `${folder}${file}`);
  const packs = [...complaints.matchAll(PACK)].map(([, name]) =>
    join(commonDir, "objects", "pack", `${name}.pack`),
  );
  const missing = [...complaints.matchAll(MISSING)].map(([, oid = ""]) => oid);
  const objects = [...named, ...missing].filter((oid) => !NONE.test(oid));
  return { loose: unique(loose), packs: unique(packs), objects: unique(objects) };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}
