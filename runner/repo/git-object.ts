/** What git's objects hold, as values. */

export interface TreeEntry {
  readonly mode: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule" | "folder";
  readonly oid: string;
  readonly name: string;
}

export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly committer: string;
  readonly message: string;
}

/** An object's id, kind and size in bytes. */
export interface ObjectInfo {
  readonly oid: string;
  readonly kind: string;
  readonly size: number;
}

export interface ReadObject extends ObjectInfo {
  readonly content: Buffer;
}

/** An object's kind and content, not yet held against its id. */
export interface Unpacked {
  readonly kind: "commit" | "tree" | "blob";
  readonly content: Buffer;
}

/** Objects with more bytes are left to git. */
export const LARGEST_READ = 16 * 1024 * 1024;

const NOT_ASCII = /[^\0-\x7f]/;

/** The entries of a tree, in git's order. */
export function parseTree({ content, oid }: ReadObject): readonly TreeEntry[] {
  // Decoded as a whole: a tree may have thousands of entries, and every call into the buffer costs.
  const [text, hex] = [content.toString("latin1"), content.toString("hex")];
  const oidLength = oid.length / 2;
  const entries: TreeEntry[] = [];
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const end = text.indexOf("\0", space);
    const mode = text.slice(at, space);
    at = end + 1 + oidLength;
    entries.push({
      mode: mode.length === 5 ? `0${mode}` : mode,
      kind: kindOf(mode),
      oid: hex.slice(2 * end + 2, 2 * at),
      name: nameOf(text.slice(space + 1, end)),
    });
  }
  return entries;
}

function nameOf(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

function kindOf(mode: string): TreeEntry["kind"] {
  if (mode === "40000") return "folder";
  if (mode === "120000") return "symlink";
  if (mode === "160000") return "submodule";
  return mode === "100755" ? "executable" : "file";
}

export function parseCommit({ content }: Pick<ReadObject, "content">): CommitObject {
  const text = content.toString("utf8");
  const end = text.indexOf("\n\n");
  const header = end < 0 ? text : text.slice(0, end);
  const valuesOf = (name: string): string[] =>
    header
      .split("\n")
      .flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  return {
    tree: valuesOf("tree")[0] ?? "",
    parents: valuesOf("parent"),
    author: valuesOf("author")[0] ?? "",
    committer: valuesOf("committer")[0] ?? "",
    message: end < 0 ? "" : text.slice(end + 2),
  };
}
