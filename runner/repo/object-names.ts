import { parseCommit, parseTree, type ReadObject, type TreeEntry } from "./git-object.ts";
import { ObjectFiles } from "./object-files.ts";
import type { PackedObject } from "./pack-file.ts";
import { readRef } from "./refs.ts";

/** What a name stands for. `unsure`: git is to be asked; `named` is the object that a ref or a tree says is there, `kind` what the tree says it is. */
export type Found =
  | { readonly kind: "found"; readonly object: ReadObject }
  | { readonly kind: "absent" }
  | { readonly kind: "unsure"; readonly named: Named | null };

interface Named {
  readonly oid: string;
  readonly kind: string | null;
}

const ABSENT: Found = { kind: "absent" };
const UNSURE: Found = { kind: "unsure", named: null };
const KINDS: Readonly<Record<TreeEntry["kind"], string>> = {
  file: "blob",
  executable: "blob",
  symlink: "blob",
  submodule: "commit",
  folder: "tree",
};

/** `<object id or full ref>`, perhaps `^{tree}` or `^{commit}`, perhaps `:<path>`; see gitrevisions(7). */
const NAME = /^(?<start>[\w./-]+)(?:\^\{(?<peeled>tree|commit)\})?(?<path>:.*)?$/;
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const FULL_REF = /^refs(?:\/\w[\w-]*)+$/;
/** Parts of paths that git takes for something else, or that may stand for bytes which are no text. */
const ODD_PART = /^\.{0,2}$|[\p{Cs}\ufffd]/u;

/** Finds by name what can be found without git. */
export class ObjectNames {
  readonly #gitDir: string;
  readonly #files: ObjectFiles;
  readonly #trees = new WeakMap<ReadObject, string>();
  readonly #entries = new WeakMap<ReadObject, readonly TreeEntry[]>();
  readonly #byName = new WeakMap<ReadObject, ReadonlyMap<string, TreeEntry>>();

  constructor(gitDir: string) {
    this.#gitDir = gitDir;
    this.#files = new ObjectFiles(gitDir);
  }

  /** @param wants a `name` alone is what the tree says, and what it names is not read */
  find(name: string, wants: "object" | "name" = "object"): Found {
    const { start = "", peeled, path } = NAME.exec(name)?.groups ?? {};
    const oid = OBJECT_ID.test(start) ? start : this.#refAt(start);
    if (oid === undefined) return UNSURE;
    // Whoever asks for an id may not know whether there is such an object; what a ref names is there.
    const named = start === oid ? null : { oid, kind: null };
    if (path !== undefined) return this.#findBelow(oid, path.slice(1), wants);
    const object = this.#read(oid, peeled);
    return object === undefined ? { kind: "unsure", named } : { kind: "found", object };
  }

  /** The entries of a tree, which are parsed once. */
  entriesOf(tree: ReadObject): readonly TreeEntry[] {
    const known = this.#entries.get(tree);
    if (known !== undefined) return known;
    const entries = parseTree(tree);
    this.#entries.set(tree, entries);
    return entries;
  }

  #entryOf(tree: ReadObject, name: string): TreeEntry | undefined {
    const known = this.#byName.get(tree);
    if (known !== undefined) return known.get(name);
    const byName = new Map(this.entriesOf(tree).map((entry) => [entry.name, entry]));
    this.#byName.set(tree, byName);
    return byName.get(name);
  }

  keep(object: PackedObject): void {
    this.#files.keep(object);
  }

  close(): void {
    this.#files.close();
  }

  #refAt(name: string): string | undefined {
    return FULL_REF.test(name) ? readRef(this.#gitDir, name) : undefined;
  }

  #read(oid: string, wanted: string | undefined): ReadObject | undefined {
    const object = this.#files.read(oid);
    if (wanted === undefined || object?.kind === wanted) return object;
    const isTreeOfCommit = wanted === "tree" && object?.kind === "commit";
    return isTreeOfCommit ? this.#files.read(this.#treeOf(object)) : undefined;
  }

  #treeOf(commit: ReadObject): string {
    const known = this.#trees.get(commit);
    if (known !== undefined) return known;
    const { tree } = parseCommit(commit);
    this.#trees.set(commit, tree);
    return tree;
  }

  /** The tree that a path begins at, or what hides it; null for what has no tree. */
  #rootOf(oid: string): Named | null {
    const object = this.#files.read(oid);
    if (object === undefined) return { oid, kind: null };
    return object.kind === "commit" ? { oid: this.#treeOf(object), kind: "tree" } : null;
  }

  #findBelow(root: string, path: string, wants: "object" | "name"): Found {
    let found = this.#read(root, "tree");
    let named = this.#rootOf(root);
    const parts = path === "" ? [] : path.split("/");
    for (const [index, part] of parts.entries()) {
      if (ODD_PART.test(part)) return UNSURE;
      if (found === undefined) return { kind: "unsure", named };
      if (found.kind !== "tree") return ABSENT;
      const entry = this.#entryOf(found, part);
      if (entry === undefined) return ABSENT;
      named = { oid: entry.oid, kind: KINDS[entry.kind] };
      if (wants === "name" && index === parts.length - 1) return { kind: "unsure", named };
      found = this.#files.read(entry.oid);
    }
    return found === undefined ? { kind: "unsure", named } : { kind: "found", object: found };
  }
}
