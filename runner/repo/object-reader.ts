import { CatFile } from "./cat-file.ts";
import type { GitPlace } from "./git.ts";
import {
  parseCommit,
  type CommitObject,
  type ObjectInfo,
  type ReadObject,
  type TreeEntry,
} from "./git-object.ts";
import { ObjectNames } from "./object-names.ts";
import type { PackedObject } from "./pack-file.ts";

/**
 * Reads objects: from the files of the git dir where that is sure, else through `git cat-file`.
 *
 * A name is an object id or any revision (`refs/heads/main:fettle.yaml`). Absent objects, and names that
 * cannot be one, are `undefined`; a corrupt object rejects its reader and no other.
 */
export class ObjectReader {
  readonly #names: ObjectNames;
  readonly #git: CatFile;

  constructor(place: GitPlace) {
    this.#names = new ObjectNames(place.gitDir);
    this.#git = new CatFile(place);
  }

  async readBlob(name: string): Promise<Buffer | undefined> {
    const object = await this.#contents(name);
    return object?.kind === "blob" ? object.content : undefined;
  }

  /** The entries of a tree, or of the tree of a commit, in git's order. */
  async readTree(name: string): Promise<readonly TreeEntry[] | undefined> {
    // After a colon, "^{tree}" would be part of the path.
    const object = await this.#contents(name.includes(":") ? name : `${name}^{tree}`);
    return object?.kind === "tree" ? this.#names.entriesOf(object) : undefined;
  }

  /** A tree as git stores it. */
  async readTreeBytes(oid: string): Promise<Buffer | undefined> {
    const object = await this.#contents(oid);
    return object?.kind === "tree" ? object.content : undefined;
  }

  async readCommit(name: string): Promise<(CommitObject & { readonly oid: string }) | undefined> {
    const object = await this.#contents(`${name}^{commit}`);
    return object && { oid: object.oid, ...parseCommit(object) };
  }

  /** What a revision names now, without reading its content where that is large. */
  async resolve(name: string): Promise<ObjectInfo | undefined> {
    if (!isOneLine(name)) return undefined;
    const found = this.#names.find(name);
    if (found.kind === "unsure") return this.#git.info(name);
    return found.kind === "found" ? infoOf(found.object) : undefined;
  }

  /** The object id at a path below a tree or commit; the tree itself for the empty path. */
  async treeAtPath(root: string, path: string): Promise<string | undefined> {
    const info = await this.resolve(path === "" ? `${root}^{tree}` : `${root}:${path}`);
    return info?.kind === "tree" ? info.oid : undefined;
  }

  /** Trees and commits that were just written are not read again. */
  keep(objects: Iterable<PackedObject>): void {
    for (const object of objects) this.#names.keep(object);
  }

  async close(): Promise<void> {
    this.#names.close();
    await this.#git.close();
  }

  async #contents(name: string): Promise<ReadObject | undefined> {
    if (!isOneLine(name)) return undefined;
    const found = this.#names.find(name);
    if (found.kind === "unsure") return this.#git.contents(name);
    return found.kind === "found" ? found.object : undefined;
  }
}

function infoOf({ oid, kind, size }: ObjectInfo): ObjectInfo {
  return { oid, kind, size };
}

function isOneLine(name: string): boolean {
  // A control character could end the request early and shift every later answer.
  return name !== "" && !/\p{Cc}/u.test(name);
}
