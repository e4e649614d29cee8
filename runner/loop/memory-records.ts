/** The memory records of a commit, and those that wait for delivery. */
import { isProposed } from "#runner/core/memory/memory-review.ts";
import type { Summaries } from "#runner/core/model.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";
import { isMemoryPath, memoryRecordsOf } from "#runner/schema/memory-source.ts";

/** Path to blob id of every file of records of a commit, from the top of the repository. */
export async function memoryFilesOf(
  reader: ObjectReader,
  commit: string,
): Promise<ReadonlyMap<string, string>> {
  const files = await listTree(reader, `${commit}:memory`);
  return new Map(
    files
      .filter(isRegular)
      .map(({ path, oid }) => [`memory/${path}`, oid] as const)
      .filter(([path]) => isMemoryPath(path)),
  );
}

/** The same of what was admitted and is not on main yet. */
export function pendingMemory({ projects }: Pick<Summaries, "projects">): Map<string, string> {
  const pending = [...projects.values()].flatMap((live) => live.pending);
  return new Map(
    pending
      .filter(({ memory, asks }) => memory && asks === undefined)
      .map(({ path, blob }) => [path, blob] as const),
  );
}

/** And of what waits for an operator: nobody is told it before. */
export function proposedMemory({ projects }: Pick<Summaries, "projects">): Map<string, string> {
  const pending = [...projects.values()].flatMap((live) => live.pending);
  return new Map(pending.filter(isProposed).map(({ path, blob }) => [path, blob] as const));
}

export async function readMemory(
  reader: ObjectReader,
  files: Iterable<readonly [path: string, blob: string]>,
): Promise<readonly StoredMemory[]> {
  const records = await Promise.all(
    [...files].map(([path, blob]) => recordsOfBlob(reader, path, blob)),
  );
  return records.flat();
}

const parsed = new Map<string, readonly StoredMemory[]>();

async function recordsOfBlob(
  reader: ObjectReader,
  path: string,
  blob: string,
): Promise<readonly StoredMemory[]> {
  const key = `${path}\0${blob}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const text = (await reader.expectBlob(blob, path)).toString("utf8");
  const records = memoryRecordsOf({ path, blob, text });
  parsed.set(key, records);
  return records;
}
