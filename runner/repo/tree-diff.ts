import type { TreeEntry } from "./git-object.ts";
import type { ObjectReader } from "./object-reader.ts";

/** A path whose file differs; `oid` is null where it is gone. */
export interface ChangedFile {
  readonly path: string;
  readonly oid: string | null;
}

/** The files that differ between two trees or commits (nothing, for `null`); folders that are the same are not read. */
export async function diffTrees(
  reader: ObjectReader,
  before: string | null,
  after: string,
): Promise<readonly ChangedFile[]> {
  return below(reader, [before, after], "");
}

async function below(
  reader: ObjectReader,
  [before, after]: readonly [string | null, string | null],
  prefix: string,
): Promise<readonly ChangedFile[]> {
  const [old, fresh] = await Promise.all([entriesOf(reader, before), entriesOf(reader, after)]);
  const names = [...new Set([...old.keys(), ...fresh.keys()])];
  const changes = await Promise.all(
    names.map(async (name) => {
      const [was, is] = [old.get(name), fresh.get(name)];
      if (was?.oid === is?.oid && was?.mode === is?.mode) return [];
      const path = prefix + name;
      const folders = [folderOf(was), folderOf(is)] as const;
      const inside =
        folders[0] === null && folders[1] === null ? [] : await below(reader, folders, `${path}/`);
      return [...fileChange(path, was, is), ...inside];
    }),
  );
  return changes.flat();
}

async function entriesOf(
  reader: ObjectReader,
  tree: string | null,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const entries = tree === null ? [] : ((await reader.readTree(tree)) ?? []);
  return new Map(entries.map((entry) => [entry.name, entry]));
}

function folderOf(entry: TreeEntry | undefined): string | null {
  return entry?.kind === "folder" ? entry.oid : null;
}

function fileChange(
  path: string,
  was: TreeEntry | undefined,
  is: TreeEntry | undefined,
): readonly ChangedFile[] {
  if (is !== undefined && is.kind !== "folder") return [{ path, oid: is.oid }];
  return was !== undefined && was.kind !== "folder" ? [{ path, oid: null }] : [];
}
