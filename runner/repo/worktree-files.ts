import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join, matchesGlob } from "node:path";
import type { TreeEntry } from "./git-object.ts";
import type { ObjectReader } from "./object-reader.ts";

/** A file of a tree with its path from the tree's root. */
export interface TreeFile {
  readonly path: string;
  readonly kind: Exclude<TreeEntry["kind"], "folder">;
  readonly oid: string;
}

/** `skipped`: not regular files, or names that must not be written. `missing`: blobs that are not here. */
export interface Materialised {
  readonly written: readonly string[];
  readonly skipped: readonly string[];
  readonly missing: readonly string[];
}

/** Every file below a tree or commit, sorted by path; with `globs`, those that match one. */
export async function listTree(
  reader: ObjectReader,
  tree: string,
  globs?: readonly string[],
): Promise<readonly TreeFile[]> {
  const files = await filesBelow(reader, tree, "");
  return globs === undefined
    ? files
    : files.filter(({ path }) => globs.some((glob) => matchesGlob(path, glob)));
}

/** Writes files of a tree into an empty folder, as regular files with mode 644 or 755. */
export async function materialise(
  reader: ObjectReader,
  files: readonly TreeFile[],
  folder: string,
): Promise<Materialised> {
  const outcomes = await Promise.all(
    files.map(async (file) => [file.path, await writeOne(reader, file, folder)] as const),
  );
  const pathsOf = (wanted: string): string[] =>
    outcomes.flatMap(([path, outcome]) => (outcome === wanted ? [path] : []));
  return {
    written: pathsOf("written"),
    skipped: pathsOf("skipped"),
    missing: pathsOf("missing"),
  };
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

async function writeOne(
  reader: ObjectReader,
  { path, kind, oid }: TreeFile,
  folder: string,
): Promise<"written" | "skipped" | "missing"> {
  if (kind === "symlink" || kind === "submodule" || !isSafe(path)) return "skipped";
  const content = await reader.readBlob(oid);
  if (content === undefined) return "missing";
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const mode = kind === "executable" ? 0o755 : 0o644;
  const file = await open(target, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, mode);
  try {
    await file.writeFile(content);
    // The mode given at opening is narrowed by the umask.
    await file.chmod(mode);
  } finally {
    await file.close();
  }
  return "written";
}

/** Trees can be made by hand with names that git itself would refuse. */
function isSafe(path: string): boolean {
  return path
    .split("/")
    .every(
      (part) =>
        !["", ".", ".."].includes(part) && part.toLowerCase() !== ".git" && !/[\\\0]/.test(part),
    );
}
