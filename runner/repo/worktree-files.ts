import type { TreeEntry } from "./git-object.ts";
import type { ObjectReader } from "./object-reader.ts";

/** A file of a tree with its path from the tree's root. */
export interface TreeFile {
  readonly path: string;
  readonly kind: Exclude<TreeEntry["kind"], "folder">;
  readonly oid: string;
}

/** Whether it has content of its own that may be read: no link, no other repository. */
export function isRegular({ kind }: Pick<TreeEntry, "kind">): boolean {
  return kind === "file" || kind === "executable";
}

/** Every file below a tree or commit, sorted by path. */
export function listTree(reader: ObjectReader, tree: string): Promise<readonly TreeFile[]> {
  return filesBelow(reader, tree, "");
}

async function filesBelow(
  reader: ObjectReader,
  tree: string,
  prefix: string,
): Promise<readonly TreeFile[]> {
  const entries = (await reader.readTree(tree)) ?? [];
  const found = await Promise.all(
    entries.map(async ({ kind, oid, name }) => {
      const path = prefix + name;
      return kind === "folder" ? filesBelow(reader, oid, `${path}/`) : [{ path, kind, oid }];
    }),
  );
  return found.flat();
}
