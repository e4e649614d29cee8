import { CatFile } from "./cat-file.ts";
import type { GitPlace } from "./git.ts";
import {
  parseCommit,
  type CommitObject,
  type ObjectInfo,
  type ReadObject,
  type TreeEntry,
} from "./git-object.ts";
import { missingObject, promisedObject } from "./damage.ts";
import { ObjectNames } from "./object-names.ts";
import type { PackedObject } from "./pack-file.ts";

export type Resolved = Pick<ObjectInfo, "oid" | "kind">;

const NOT_NAMED = { oid: null, kind: null };

/** Fetches what a partial clone left at the origin, if it can be had; false where nothing was left there. */
type Bring = (oid: string) => Promise<boolean>;

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Reads objects: from the files of the git dir where that is sure, else through `git cat-file`.
 *
 * A name is an object id or any revision (`refs/heads/main:fettle.yaml`). Absent objects, and names that
 * cannot be one, are `undefined`; a corrupt object, and one that a ref or a tree names and that is not there, rejects its
 * reader and no other.
 */
export class ObjectReader {
  readonly #names: ObjectNames;
  readonly #git: CatFile;
  readonly #bring: Bring;

  constructor(place: GitPlace, bring: Bring = () => Promise.resolve(false)) {
    this.#names = new ObjectNames(place.gitDir);
    this.#git = new CatFile(place);
    this.#bring = bring;
  }

  async readBlob(name: string): Promise<Buffer | undefined> {
    const object = await this.#contents(name);
    return object?.kind === "blob" ? object.content : undefined;
  }

  /** A blob that something names by its id; `path` tells people which. */
  async expectBlob(oid: string, path: string): Promise<Buffer> {
    const content = await this.readBlob(oid);
    if (content !== undefined) return content;
    throw (await this.#bring(oid)) ? promisedObject(oid, path) : missingObject(oid, path);
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

  /** What a revision names now; what a tree says of a file is believed, and the file itself not read. */
  async resolve(name: string): Promise<Resolved | undefined> {
    if (!isOneLine(name)) return undefined;
    const found = this.#names.find(name, "name");
    if (found.kind === "absent") return undefined;
    const { oid, kind } = found.kind === "found" ? found.object : (found.named ?? NOT_NAMED);
    if (oid !== null && kind !== null) return { oid, kind };
    const info = await this.#git.info(name);
    if (info === undefined) await this.#expectThere(oid, name);
    return info && { oid: info.oid, kind: info.kind };
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
    if (found.kind === "found") return found.object;
    if (found.kind === "absent") return undefined;
    const named = found.named?.oid ?? null;
    const read = (await this.#git.contents(name)) ?? (await this.#brought(named ?? name));
    if (read === undefined) await this.#expectThere(named, name);
    return read;
  }

  async #brought(oid: string): Promise<ReadObject | undefined> {
    if (!OBJECT_ID.test(oid)) return undefined;
    await this.#bring(oid);
    return this.#git.contents(oid);
  }

  /** What a ref or a tree names is there: that it cannot be read must not look as if it had never been. */
  async #expectThere(oid: string | null, name: string): Promise<void> {
    if (oid === null || (await this.#git.info(oid)) !== undefined) return;
    throw (await this.#bring(oid)) ? promisedObject(oid, name) : missingObject(oid, name);
  }
}

function isOneLine(name: string): boolean {
  // A control character could end the request early and shift every later answer.
  return name !== "" && !/\p{Cc}/u.test(name);
}
