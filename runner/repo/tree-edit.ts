import type { FileChange } from "./commit-target.ts";
import { objectOf, type ObjectFormat, type PackedObject } from "./pack-file.ts";

/** One entry of a tree. Names and ids are bytes kept as latin1 text: compared and joined as git does it. */
interface Entry {
  readonly name: string;
  readonly mode: string;
  readonly id: string;
}

const FOLDER = "40000";
const CACHED_TREES = 512;

/**
 * Makes trees out of other trees and changed paths.
 *
 * `load` gives the bytes of a tree. Trees made or read lately are kept: the next change touches the same ones.
 */
export class TreeEditor {
  readonly #load: (oid: string) => Promise<Buffer>;
  readonly #format: ObjectFormat;
  readonly #known = new Map<string, readonly Entry[]>();

  constructor(load: (oid: string) => Promise<Buffer>, format: ObjectFormat) {
    this.#load = load;
    this.#format = format;
  }

  /** The id of `root` (nothing, for `null`) after the changes, and the objects that are new. */
  async edit(
    root: string | null,
    changes: readonly FileChange[],
  ): Promise<{ readonly root: string; readonly objects: readonly PackedObject[] }> {
    const objects: PackedObject[] = [];
    const top = nested(changes, (change) => this.#blob(change, objects));
    const entries = await this.#apply(root, top, objects);
    return { root: this.#store(entries, objects), objects };
  }

  #blob(change: FileChange, objects: PackedObject[]): Leaf {
    if ("delete" in change) return null;
    const mode = change.executable === true ? "100755" : "100644";
    if ("oid" in change) return { mode, id: bytesOf(change.oid) };
    const content = Buffer.from(change.content);
    const blob = objectOf("blob", content, this.#format);
    objects.push(blob);
    return { mode, id: bytesOf(blob.oid) };
  }

  async #apply(
    tree: string | null,
    folder: Folder,
    objects: PackedObject[],
  ): Promise<readonly Entry[]> {
    const entries = tree === null ? [] : [...(await this.#entriesOf(tree))];
    for (const [name, change] of folder) {
      const before = takeOut(entries, name);
      const after = await this.#changed(before, change, objects);
      if (after !== null) insert(entries, { name, ...after });
    }
    return entries;
  }

  async #changed(
    before: Entry | undefined,
    change: Folder | Leaf,
    objects: PackedObject[],
  ): Promise<Omit<Entry, "name"> | null> {
    if (!(change instanceof Map)) return change;
    const tree = before?.mode === FOLDER ? hexOf(before.id) : null;
    const entries = await this.#apply(tree, change, objects);
    return entries.length === 0
      ? null
      : { mode: FOLDER, id: bytesOf(this.#store(entries, objects)) };
  }

  #store(entries: readonly Entry[], objects: PackedObject[]): string {
    const text = entries.map(({ mode, name, id }) => `${mode} ${name}\0${id}`).join("");
    const tree = objectOf("tree", Buffer.from(text, "latin1"), this.#format);
    objects.push(tree);
    this.#remember(tree.oid, entries);
    return tree.oid;
  }

  async #entriesOf(oid: string): Promise<readonly Entry[]> {
    const known = this.#known.get(oid);
    if (known !== undefined) return known;
    const entries = parse(await this.#load(oid), this.#format === "sha1" ? 20 : 32);
    this.#remember(oid, entries);
    return entries;
  }

  #remember(oid: string, entries: readonly Entry[]): void {
    this.#known.set(oid, entries);
    const [oldest] = this.#known.keys();
    if (this.#known.size > CACHED_TREES && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** What a path holds afterwards; null: nothing. */
type Leaf = Omit<Entry, "name"> | null;
type Folder = Map<string, Folder | Leaf>;

/** Changes by path segment; what comes last at a path counts. */
function nested(changes: readonly FileChange[], leafOf: (change: FileChange) => Leaf): Folder {
  const top: Folder = new Map();
  for (const change of changes) {
    const names = segmentsOf(change.path);
    let folder = top;
    for (const name of names.slice(0, -1)) {
      const below = folder.get(name);
      const next: Folder = below instanceof Map ? below : new Map();
      folder.set(name, next);
      folder = next;
    }
    folder.set(names.at(-1) ?? "", leafOf(change));
  }
  return top;
}

const UNSAFE_PATH = /(?:^|\/)(?:|\.|\.\.|\.git)(?:\/|$)|\0/i;
const PLAIN_PATH = /^[ -~]*$/;

function segmentsOf(path: string): readonly string[] {
  if (UNSAFE_PATH.test(path)) throw new Error(`"${path}" is not a path in a repository`);
  const bytes = PLAIN_PATH.test(path) ? path : Buffer.from(path).toString("latin1");
  return bytes.split("/");
}

function takeOut(entries: Entry[], name: string): Entry | undefined {
  const places = [placeOf(entries, name), placeOf(entries, `${name}/`)];
  const at = places.find((place) => entries[place]?.name === name);
  return at === undefined ? undefined : entries.splice(at, 1)[0];
}

function insert(entries: Entry[], entry: Entry): void {
  entries.splice(placeOf(entries, keyOf(entry)), 0, entry);
}

/** Where an entry with this key stands or belongs. */
function placeOf(entries: readonly Entry[], key: string): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = entries[middle];
    if (other !== undefined && keyOf(other) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** git compares names byte by byte, a folder as if its name ended in a slash. */
function keyOf({ name, mode }: Entry): string {
  return mode === FOLDER ? `${name}/` : name;
}

function parse(content: Buffer, idLength: number): readonly Entry[] {
  const text = content.toString("latin1");
  const entries: Entry[] = [];
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const end = text.indexOf("\0", space);
    const next = end + 1 + idLength;
    entries.push({
      // Early tools wrote 040000 for a folder.
      mode: text.slice(at, space).replace(/^0+/, ""),
      name: text.slice(space + 1, end),
      id: text.slice(end + 1, next),
    });
    at = next;
  }
  return entries;
}

function bytesOf(oid: string): string {
  return Buffer.from(oid, "hex").toString("latin1");
}

function hexOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("hex");
}
