import { hash } from "node:crypto";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { objectId } from "#runner/core/blob-id.ts";
import { writeWhole } from "./broken-world.ts";
import { removeFile, writeSynced } from "./durable-file.ts";

export type ObjectFormat = "sha1" | "sha256";

/** A git object with its id. */
export interface PackedObject {
  readonly oid: string;
  readonly kind: "commit" | "tree" | "blob";
  readonly content: Uint8Array;
}

/** Packs are joined soon, and most of what they hold becomes small differences then. */
const FAST = { level: 1 };
/** The same for what fits the smaller window: making room for a large one takes longer than the rest. */
const FAST_AND_SMALL = { ...FAST, windowBits: 11, memLevel: 4 };
const SMALL = 2 ** FAST_AND_SMALL.windowBits;
/** Room for what cannot be made smaller. */
const ROOM = 64;
const TYPE = { commit: 1, tree: 2, blob: 3 } as const;
const PACK_VERSION = 2;
const INDEX_VERSION = 2;
const INDEX_MAGIC = 0xff744f63;
/**
 * Names of files that a killed writer leaves behind begin like this. They have no ending, because git takes every
 * `.idx` for a pack, and do not begin with `tmp_`, because `git prune` removes what does.
 */
export const UNFINISHED = "fettle-";
/** Written into a `.keep`, so that recovery knows those that a dead runner left behind. */
export const KEEP_MARK = "fettle\n";

/** The object that git would make of this content. */
export function objectOf(
  kind: PackedObject["kind"],
  content: Uint8Array,
  format: ObjectFormat,
): PackedObject {
  return { oid: objectId(kind, content, format), kind, content };
}

/**
 * Writes the objects as one pack with its index into `objects/pack`; both are on the disk when this resolves to the path of
 * the pack's `.keep`.
 *
 * Until that is removed `git repack` and `git gc` leave the pack alone: no ref names its objects yet.
 * git sees a pack when its index appears, so the index is named last. Format: gitformat-pack(5).
 */
export async function writePack(
  folder: string,
  objects: readonly PackedObject[],
  format: ObjectFormat,
): Promise<string> {
  const { pack, entries } = packOf(objects, format);
  const name = pack.subarray(-hashLength(format)).toString("hex");
  const files = [
    { kind: "pack", content: pack },
    { kind: "idx", content: indexOf(entries, pack, format) },
  ].map(({ kind, content }) => ({
    content,
    unfinished: join(folder, `${UNFINISHED}${name}-${kind}`),
    path: join(folder, `pack-${name}.${kind}`),
  }));
  const keep = join(folder, `pack-${name}.keep`);
  const unfinishedKeep = join(folder, `${UNFINISHED}${name}-keep`);
  try {
    // Together: the disk is asked twice and waited for once. After a failure of one the other may still be opening its file.
    const writes = files.map(({ unfinished, content }) => writeSynced(unfinished, content));
    await Promise.allSettled(writes);
    await Promise.all(writes);
    // Named when it is whole: one without the mark would be taken for the operator's, and stay for ever.
    writeWhole(unfinishedKeep, KEEP_MARK);
    renameSync(unfinishedKeep, keep);
    for (const { unfinished, path } of files) renameSync(unfinished, path);
    return keep;
  } catch (error) {
    const unfinished = files.map((file) => file.unfinished);
    for (const path of [...unfinished, unfinishedKeep, keep]) removeFile(path);
    throw error;
  }
}

interface Entry {
  readonly oid: string;
  readonly offset: number;
  readonly checksum: number;
}

function packOf(
  objects: readonly PackedObject[],
  format: ObjectFormat,
): { readonly pack: Buffer; readonly entries: readonly Entry[] } {
  const header = Buffer.alloc(12);
  header.write("PACK", 0, "latin1");
  header.writeUInt32BE(PACK_VERSION, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts: Uint8Array[] = [header];
  const entries: Entry[] = [];
  let offset = header.length;
  for (const { oid, kind, content } of objects) {
    const head = entryHeader(TYPE[kind], content.length);
    const body = deflated(content);
    entries.push({ oid, offset, checksum: crc32(body, crc32(head)) });
    parts.push(head, body);
    offset += head.length + body.length;
  }
  const all = Buffer.concat(parts);
  return { pack: Buffer.concat([all, checksumOf(all, format)]), entries };
}

function deflated(content: Uint8Array): Buffer {
  const options = content.length <= SMALL ? FAST_AND_SMALL : FAST;
  return deflateSync(content, { ...options, chunkSize: content.length + ROOM });
}

/** Type and inflated size: four bits of size in the first byte, seven in each that follows. */
function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 0x0f)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}

function indexOf(entries: readonly Entry[], pack: Buffer, format: ObjectFormat): Buffer {
  const sorted = entries.toSorted((a, b) => (a.oid < b.oid ? -1 : 1));
  const magic = numbers([INDEX_MAGIC, INDEX_VERSION]);
  const all = Buffer.concat([
    magic,
    numbers(fanoutOf(sorted)),
    Buffer.from(sorted.map(({ oid }) => oid).join(""), "hex"),
    numbers(sorted.map(({ checksum }) => checksum)),
    numbers(sorted.map(({ offset }) => offset)),
    pack.subarray(-hashLength(format)),
  ]);
  return Buffer.concat([all, checksumOf(all, format)]);
}

/** For each first byte, how many ids begin with it or a smaller one. */
function fanoutOf(sorted: readonly Entry[]): readonly number[] {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const { oid } of sorted) {
    const first = Number.parseInt(oid.slice(0, 2), 16);
    counts[first] = (counts[first] ?? 0) + 1;
  }
  let sum = 0;
  return counts.map((count) => (sum += count));
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  return bytes;
}

function checksumOf(content: Buffer, format: ObjectFormat): Buffer {
  return hash(format, content, "buffer");
}

function hashLength(format: ObjectFormat): number {
  return format === "sha1" ? 20 : 32;
}
