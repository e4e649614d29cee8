import { parseCommit, parseTree, type ReadObject, type TreeEntry } from "./git-object.ts";
import { ObjectFiles } from "./object-files.ts";
import type { PackedObject } from "./pack-file.ts";
import { readRef } from "./refs.ts";

/** What a name stands for. `unsure`: git is to be asked. */
export type Found =
  | { readonly kind: "found"; readonly object: ReadObject }
  | { readonly kind: "absent" | "unsure" };

const ABSENT: Found = { kind: "absent" };
const UNSURE: Found = { kind: "unsure" };

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
  readonly #entries = new WeakMap<ReadObject, readonly TreeEntry[]>();

  constructor(gitDir: string) {
    this.#gitDir = gitDir;
    this.#files = new ObjectFiles(gitDir);
  }

  find(name: string): Found {
    const { start = "", peeled, path } = NAME.exec(name)?.groups ?? {};
    const oid = OBJECT_ID.test(start) ? start : this.#refAt(start);
    if (oid === undefined) return UNSURE;
    if (path !== undefined) return this.#findBelow(this.#read(oid, "tree"), path.slice(1));
    const object = this.#read(oid, peeled);
    return object === undefined ? UNSURE : { kind: "found", object };
  }

  /** The entries of a tree, which are parsed once. */
  entriesOf(tree: ReadObject): readonly TreeEntry[] {
    const known = this.#entries.get(tree);
    if (known !== undefined) return known;
    const entries = parseTree(tree);
    this.#entries.set(tree, entries);
    return entries;
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
    return isTreeOfCommit ? this.#files.read(parseCommit(object).tree) : undefined;
  }

  #findBelow(tree: ReadObject | undefined, path: string): Found {
    let found = tree;
    for (const part of path === "" ? [] : path.split("/")) {
      if (found === undefined || ODD_PART.test(part)) return UNSURE;
      if (found.kind !== "tree") return ABSENT;
      const entry = this.entriesOf(found).find(({ name }) => name === part);
      if (entry === undefined) return ABSENT;
      found = this.#files.read(entry.oid);
    }
    return found === undefined ? UNSURE : { kind: "found", object: found };
  }
}
