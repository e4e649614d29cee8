/** What main says was forgotten. */
import {
  forgottenBy,
  NOTHING_FORGOTTEN,
  type Forgotten,
} from "#runner/core/memory/memory-tombstone.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";
import { parseYaml } from "#runner/schema/parse-yaml.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { MemoryTombstone } from "#runner/schema/types.gen.ts";

const known = new Map<string, Promise<Forgotten>>();
const KEPT = 8;

/** Read once for every state of the folder. */
export async function readForgotten(reader: ObjectReader, commit: string): Promise<Forgotten> {
  const tree = await reader.treeAtPath(commit, "memory/tombstones");
  if (tree === undefined) return NOTHING_FORGOTTEN;
  const read = known.get(tree) ?? readAll(reader, tree);
  known.delete(tree);
  known.set(tree, read);
  for (const oldest of [...known.keys()].slice(0, -KEPT)) known.delete(oldest);
  return read;
}

async function readAll(reader: ObjectReader, tree: string): Promise<Forgotten> {
  return forgottenBy(await tombstonesIn(reader, tree));
}

/** Every tombstone of memory on main. */
export async function readTombstones(
  reader: ObjectReader,
  commit: string,
): Promise<readonly MemoryTombstone[]> {
  const tree = await reader.treeAtPath(commit, "memory/tombstones");
  return tree === undefined ? [] : tombstonesIn(reader, tree);
}

/** undefined: there is none, or none that can be read. */
export async function tombstoneAt(
  reader: ObjectReader,
  commit: string,
  path: string,
): Promise<MemoryTombstone | undefined> {
  const text = await reader.readBlob(`${commit}:${path}`);
  return text === undefined ? undefined : tombstoneIn(text.toString());
}

async function tombstonesIn(
  reader: ObjectReader,
  tree: string,
): Promise<readonly MemoryTombstone[]> {
  const files = (await listTree(reader, tree)).filter(isRegular);
  const tombstones = await Promise.all(
    files.map(async ({ path, oid }) =>
      tombstoneIn((await reader.expectBlob(oid, path)).toString()),
    ),
  );
  return tombstones.flatMap((tombstone) => tombstone ?? []);
}

function tombstoneIn(text: string): MemoryTombstone | undefined {
  const parsed = parseYaml(text);
  return parsed.ok && records.tombstone(parsed.value) ? parsed.value : undefined;
}
