/** Memory at a commit of main, with what waits for delivery, as indexes see it. */
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { diffTrees } from "#runner/repo/tree-diff.ts";
import type { MemorySource } from "#runner/retrieval/memory-source.ts";
import { isMemoryPath } from "#runner/schema/memory-source.ts";
import { memoryFilesOf, readMemory } from "./memory-records.ts";

const FOLDER = "memory";

export async function memorySource(
  reader: ObjectReader,
  commit: string,
  overlay: ReadonlyMap<string, string>,
): Promise<MemorySource> {
  const tree = (await reader.treeAtPath(commit, FOLDER)) ?? null;
  const blobNow = async (path: string): Promise<string | null> =>
    overlay.get(path) ?? (await reader.resolve(`${commit}:${path}`))?.oid ?? null;
  return {
    tree,
    overlay,
    files: async () => new Map([...(await memoryFilesOf(reader, commit)), ...overlay]),
    read: (files) => readMemory(reader, files),
    changedSince: async (before, overlaid) => {
      if (before === null || tree === null || (await reader.readTree(before)) === undefined)
        return null;
      const changed = await diffTrees(reader, before, tree);
      const paths = changed.map(({ path }) => `${FOLDER}/${path}`);
      const all = new Set([...paths, ...overlaid, ...overlay.keys()]);
      const records = [...all].filter(isMemoryPath);
      return new Map(
        await Promise.all(records.map(async (path) => [path, await blobNow(path)] as const)),
      );
    },
  };
}
