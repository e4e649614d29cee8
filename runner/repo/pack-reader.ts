import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { applyDelta } from "./delta.ts";
import { LARGEST_READ, type Unpacked } from "./git-object.ts";

const INDEX_START = Buffer.from("ff744f6300000002", "hex");
const FANOUT_END = INDEX_START.length + 256 * 4;
const LONG_OFFSET = 0x80000000;
const KINDS: Readonly<Record<number, Unpacked["kind"]>> = { 1: "commit", 2: "tree", 3: "blob" };
const OFFSET_DELTA = 6;
const NAMED_DELTA = 7;
/** Enough for the header of an entry, and for most entries as a whole. */
const FIRST_READ = 4096;
const DEEPEST = 512;
const BASES_KEPT = 64;
const LARGEST_KEPT = 1024 * 1024;

/** One entry as it stands in the pack. */
interface Entry {
  readonly type: number;
  /** Bytes when inflated: of the object, or of the delta. */
  readonly size: number;
  /** Where the base of a delta stands. */
  readonly base: number | undefined;
  readonly bodyAt: number;
  readonly read: Buffer;
}

/**
 * One pack with its index (version 2), read as gitformat-pack(5) says.
 *
 * It stays open: its objects can be read after git has joined it with others and deleted it.
 * Whatever is damaged, foreign or too large throws.
 */
export class PackReader {
  readonly #path: string;
  readonly #index: Buffer;
  readonly #idLength: number;
  readonly #count: number;
  /** Objects that others were told by, lately. */
  readonly #bases = new Map<number, Unpacked>();
  #file: number | undefined;

  /** `path` without its ending; `idLength` in bytes. */
  constructor(path: string, idLength: number) {
    this.#path = path;
    this.#idLength = idLength;
    this.#index = readFileSync(`${path}.idx`);
    if (!this.#index.subarray(0, INDEX_START.length).equals(INDEX_START)) {
      throw new Error(`${path}.idx is of another version`);
    }
    this.#count = this.#index.readUInt32BE(FANOUT_END - 4);
  }

  /** undefined: the pack does not hold the object. */
  read(oid: string): Unpacked | undefined {
    const offset = this.#offsetOf(Buffer.from(oid, "hex"));
    return offset === undefined ? undefined : this.#unpack(offset, 0);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #offsetOf(id: Buffer): number | undefined {
    const [first = 0] = id;
    let low = first === 0 ? 0 : this.#fanout(first - 1);
    let high = this.#fanout(first);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = FANOUT_END + middle * this.#idLength;
      const order = this.#index.compare(id, 0, id.length, at, at + this.#idLength);
      if (order === 0) return this.#offsetAt(middle);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /** How many ids begin with this byte or a lower one. */
  #fanout(byte: number): number {
    return this.#index.readUInt32BE(INDEX_START.length + byte * 4);
  }

  /** After the ids come a checksum for each, an offset for each, and long offsets for those that need one. */
  #offsetAt(place: number): number {
    const offsets = FANOUT_END + this.#count * (this.#idLength + 4);
    const offset = this.#index.readUInt32BE(offsets + place * 4);
    if (offset < LONG_OFFSET) return offset;
    const long = offsets + this.#count * 4 + (offset - LONG_OFFSET) * 8;
    return Number(this.#index.readBigUInt64BE(long));
  }

  #unpack(offset: number, depth: number): Unpacked {
    const entry = this.#entryAt(offset);
    const content = this.#inflate(offset, entry);
    if (entry.base === undefined) return { kind: kindOf(entry.type), content };
    if (depth > DEEPEST) throw new Error(`${this.#path}.pack: deltas without an end`);
    const base = this.#bases.get(entry.base) ?? this.#unpack(entry.base, depth + 1);
    this.#keepBase(entry.base, base);
    return { kind: base.kind, content: applyDelta(base.content, content) };
  }

  #keepBase(offset: number, base: Unpacked): void {
    if (base.content.length > LARGEST_KEPT) return;
    this.#bases.set(offset, base);
    const [oldest] = this.#bases.keys();
    if (this.#bases.size > BASES_KEPT && oldest !== undefined) this.#bases.delete(oldest);
  }

  /** Type and size: four bits of size in the first byte, seven in each that follows, as long as the highest bit is set. */
  #entryAt(offset: number): Entry {
    const read = this.#bytesAt(offset, FIRST_READ);
    const first = read.readUInt8(0);
    const type = (first >> 4) & 7;
    let size = first & 0x0f;
    let at = 1;
    for (let [byte, factor] = [first, 16]; byte >= 0x80; factor *= 128) {
      byte = read.readUInt8(at);
      size += (byte & 0x7f) * factor;
      at += 1;
    }
    if (type === NAMED_DELTA) {
      const base = this.#offsetOf(read.subarray(at, at + this.#idLength));
      if (base === undefined) throw new Error(`${this.#path}.pack: a base is elsewhere`);
      return { type, size, base, bodyAt: at + this.#idLength, read };
    }
    if (type !== OFFSET_DELTA) return { type, size, base: undefined, bodyAt: at, read };
    const { distance, end } = distanceAt(read, at);
    return { type, size, base: offset - distance, bodyAt: end, read };
  }

  #inflate(offset: number, { size, bodyAt, read }: Entry): Buffer {
    if (size > LARGEST_READ) throw new Error(`${this.#path}.pack: too large to be read at once`);
    // What cannot be made smaller becomes a little larger; what follows the entry is ignored.
    const most = size + (size >>> 3) + 64;
    const isWhole = bodyAt + most <= read.length;
    const body = isWhole ? read.subarray(bodyAt) : this.#bytesAt(offset + bodyAt, most);
    return inflated(body, size);
  }

  /** Fewer bytes at the end of the file. */
  #bytesAt(offset: number, length: number): Buffer {
    this.#file ??= openSync(`${this.#path}.pack`, "r");
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(this.#file, bytes, 0, length, offset));
  }
}

/** Exactly `size` bytes; throws when the data holds less or more, or fails its checksum. */
function inflated(body: Buffer, size: number): Buffer {
  const room = size + 64;
  const content = inflateSync(body, { chunkSize: room, maxOutputLength: room });
  if (content.length !== size) throw new Error("an object is not as long as it says");
  return content;
}

function kindOf(type: number): Unpacked["kind"] {
  const kind = KINDS[type];
  if (kind === undefined) throw new Error(`objects of type ${type} are left to git`);
  return kind;
}

/** Seven bits a byte, the highest first; each continued byte adds one, so that no number has two spellings. */
function distanceAt(
  bytes: Buffer,
  start: number,
): { readonly distance: number; readonly end: number } {
  let at = start;
  let byte = bytes.readUInt8(at);
  let distance = byte & 0x7f;
  while (byte >= 0x80) {
    at += 1;
    byte = bytes.readUInt8(at);
    distance = (distance + 1) * 128 + (byte & 0x7f);
  }
  return { distance, end: at + 1 };
}
