import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { LARGEST_READ, type ReadObject, type Unpacked } from "./git-object.ts";
import { objectOf, type ObjectFormat, type PackedObject } from "./pack-file.ts";
import { PackReader } from "./pack-reader.ts";

const LOOSE_HEADER = /^(commit|tree|blob) (\d+)\0/;
const LONGEST_HEADER = 32;
const OBJECTS_KEPT = 256;
const LARGEST_KEPT = 1024 * 1024;
const BLOBS_KEPT = 64;
const LARGEST_BLOB_KEPT = 64 * 1024;

/**
 * The objects of a git dir, read from its files in this process.
 *
 * `undefined` says nothing about an object: it may be absent, damaged, too large, in a place that only git
 * knows, or replaced by another; git is to be asked. What is given was held against its id.
 */
export class ObjectFiles {
  readonly #gitDir: string;
  /** Trees and commits read lately. */
  readonly #kept = new Map<string, ReadObject>();
  /** Small files read lately: those of an agent are given to each of its steps. */
  readonly #blobs = new Map<string, ReadObject>();
  /** By name; undefined when we cannot read it. */
  readonly #packs = new Map<string, PackReader | undefined>();
  #nature: Nature | undefined;

  constructor(gitDir: string) {
    this.#gitDir = gitDir;
  }

  read(oid: string): ReadObject | undefined {
    const known = this.#kept.get(oid) ?? this.#blobs.get(oid);
    if (known !== undefined) return known;
    this.#nature ??= natureOf(this.#gitDir);
    const { isReplacing, idLength } = this.#nature;
    if (isReplacing || oid.length !== 2 * idLength) return undefined;
    const found = this.#find(oid) ?? (this.#listPacks(idLength) ? this.#find(oid) : undefined);
    if (found !== undefined) this.#keepRead(found);
    return found;
  }

  /** What this process has just written needs no reading. */
  keep({ oid, kind, content }: PackedObject): void {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
    this.#keep({ oid, kind, size: bytes.length, content: bytes });
  }

  close(): void {
    for (const pack of this.#packs.values()) pack?.close();
    this.#packs.clear();
    this.#kept.clear();
    this.#blobs.clear();
  }

  /** The first copy that is sound. */
  #find(oid: string): ReadObject | undefined {
    for (const pack of this.#packs.values()) {
      const packed = unlessDamaged(() => this.#verified(oid, pack?.read(oid)));
      if (packed !== undefined) return packed;
    }
    return unlessDamaged(() => this.#verified(oid, this.#readLoose(oid)));
  }

  #readLoose(oid: string): Unpacked | undefined {
    const path = join(this.#gitDir, "objects", oid.slice(0, 2), oid.slice(2));
    if (!existsSync(path)) return undefined;
    const room = LARGEST_READ + LONGEST_HEADER;
    const all = inflateSync(readFileSync(path), { maxOutputLength: room });
    const header = LOOSE_HEADER.exec(all.toString("latin1", 0, LONGEST_HEADER));
    const [start = "", kind, size] = header ?? [];
    const content = all.subarray(start.length);
    const isSound = isKind(kind) && content.length === Number(size);
    return isSound ? { kind, content } : undefined;
  }

  #verified(oid: string, found: Unpacked | undefined): ReadObject | undefined {
    if (found === undefined) return undefined;
    const { kind, content } = found;
    const format = this.#nature?.format ?? "sha1";
    const isSound = objectOf(kind, content, format).oid === oid;
    return isSound ? { oid, kind, size: content.length, content } : undefined;
  }

  /** Packs come and go while this runs; false when they are the same as before. */
  #listPacks(idLength: number): boolean {
    const folder = join(this.#gitDir, "objects", "pack");
    const files = existsSync(folder) ? readdirSync(folder) : [];
    const names = new Set(files.flatMap((file) => /^(pack-\w+)\.idx$/.exec(file)?.[1] ?? []));
    const gone = [...this.#packs.keys()].filter((name) => !names.has(name));
    const fresh = [...names].filter((name) => !this.#packs.has(name));
    for (const name of gone) {
      this.#packs.get(name)?.close();
      this.#packs.delete(name);
    }
    for (const name of fresh) {
      const path = join(folder, name);
      this.#packs.set(
        name,
        unlessDamaged(() => new PackReader(path, idLength)),
      );
    }
    return gone.length + fresh.length > 0;
  }

  #keep(object: ReadObject): void {
    if (object.kind === "blob" || object.size > LARGEST_KEPT) return;
    keepNewest(this.#kept, object, OBJECTS_KEPT);
  }

  #keepRead(object: ReadObject): void {
    if (object.kind !== "blob") return this.#keep(object);
    if (object.size <= LARGEST_BLOB_KEPT) keepNewest(this.#blobs, object, BLOBS_KEPT);
  }
}

function keepNewest(kept: Map<string, ReadObject>, object: ReadObject, most: number): void {
  kept.set(object.oid, object);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}

interface Nature {
  readonly format: ObjectFormat;
  /** Bytes of an object id. */
  readonly idLength: number;
  /** Some object stands for another (git-replace(1)). */
  readonly isReplacing: boolean;
}

function natureOf(gitDir: string): Nature {
  const read = (file: string): string => {
    const path = join(gitDir, file);
    return existsSync(path) ? readFileSync(path, "latin1") : "";
  };
  const isSha256 = /^\s*objectformat\s*=\s*sha256\s*$/im.test(read("config"));
  const replacements = join(gitDir, "refs", "replace");
  const isReplacing =
    read("packed-refs").includes(" refs/replace/") ||
    (existsSync(replacements) && readdirSync(replacements).length > 0);
  return { format: isSha256 ? "sha256" : "sha1", idLength: isSha256 ? 32 : 20, isReplacing };
}

function isKind(kind: string | undefined): kind is Unpacked["kind"] {
  return kind === "commit" || kind === "tree" || kind === "blob";
}

/** What cannot be read here is read by git, which says what is wrong. */
function unlessDamaged<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
