/** Which paths main keeps in Git LFS: their blobs are pointers, and a file that is delivered there would stand beside them as what it is. */
import { matchesGlob } from "./glob.ts";

/** A `.gitattributes`; `folder` is empty at the top, else ends with `/`. */
export interface Attributes {
  readonly folder: string;
  readonly text: string;
}

/** The first of the paths that is kept in LFS, as gitattributes(5) reads the files: outer folders first, the last word counts. */
export function firstInLfs(
  files: readonly Attributes[],
  paths: readonly string[],
): string | undefined {
  const rules = files
    .toSorted((a, b) => a.folder.length - b.folder.length)
    .flatMap(({ folder, text }) => rulesOf(folder, text));
  return paths.find((path) => rules.findLast((rule) => applies(rule, path))?.isLfs === true);
}

/** The folders whose `.gitattributes` speak of the path. */
export function attributeFolders(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.reduce<readonly string[]>(
    (folders, part) => [...folders, `${folders.at(-1) ?? ""}${part}/`],
    [""],
  );
}

interface Rule {
  readonly folder: string;
  readonly pattern: string;
  readonly isLfs: boolean;
}

const LINE = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s#]\S*))\s+(.+)$/;

function rulesOf(folder: string, text: string): readonly Rule[] {
  return text.split(/\r?\n/).flatMap((line): readonly Rule[] => {
    const [, quoted, plain = "", attributes = ""] = LINE.exec(line) ?? [];
    const filter = attributes.split(/\s+/).findLast((name) => /^[-!]?filter(?:=|$)/.test(name));
    if (filter === undefined) return [];
    return [{ folder, pattern: quoted ?? plain, isLfs: filter === "filter=lfs" }];
  });
}

/** A pattern without a slash is a name in any folder; a set of characters (`[ab]`) counts as any character. */
function applies({ folder, pattern }: Rule, path: string): boolean {
  if (!path.startsWith(folder)) return false;
  const below = path.slice(folder.length);
  const glob = pattern.replaceAll(/\[[^\]]+\]/g, "?");
  return glob.includes("/")
    ? matchesGlob(glob.replace(/^\//, ""), below)
    : matchesGlob(glob, below.slice(below.lastIndexOf("/") + 1));
}
