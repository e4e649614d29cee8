/** Vectors that were made once, in a file of this clone: by what was embedded, of one embedder. It may be deleted. */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOfBytes } from "#runner/core/canonical-json.ts";
import { shortDigest } from "#runner/core/identifier.ts";

/** Bytes before the numbers of a line: the key, how many numbers there are, and a check of all that. */
const KEY_BYTES = 16;
const CHECK_BYTES = 4;
const HEAD_BYTES = KEY_BYTES + 4 + CHECK_BYTES;
const NUMBER_BYTES = 4;

/** Of a text as it is embedded; 32 digits in hex. */
export function vectorKey(text: string): string {
  return digestOfBytes(text)
    .replace(/^sha256:/u, "")
    .slice(0, 2 * KEY_BYTES);
}

export class VectorStore {
  readonly #file: string;
  readonly #vectors: Map<string, Float32Array>;
  /** Bytes at the end of the file are no line: a process died over them. */
  #isTorn: boolean;
  #turn: Promise<void> = Promise.resolve();

  private constructor(file: string, { vectors, isTorn }: Stored) {
    this.#file = file;
    this.#vectors = vectors;
    this.#isTorn = isTorn;
  }

  /** `root`: holds a file for each embedder. */
  static async open(root: string, embedder: string): Promise<VectorStore> {
    await mkdir(root, { recursive: true });
    const file = join(root, `${shortDigest(embedder, 20)}.vectors`);
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    return new VectorStore(file, vectorsIn(bytes));
  }

  get(key: string): Float32Array | undefined {
    return this.#vectors.get(key);
  }

  /** One after the other, so that nobody asks for what another one is asking for already. */
  inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const own = this.#turn.then(work);
    this.#turn = own.then(
      () => undefined,
      () => undefined,
    );
    return own;
  }

  /** In one write, so that what two processes add does not mix. */
  async add(made: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const [key, vector] of made) this.#vectors.set(key, vector);
    if (!this.#isTorn) return appendFile(this.#file, bytesOf(made));
    const whole = `${this.#file}.${process.pid}`;
    await writeFile(whole, bytesOf(this.#vectors));
    await rename(whole, this.#file);
    this.#isTorn = false;
  }
}

/** What is forgotten must not be guessed from its vector either. */
export async function cleanVectors(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

interface Stored {
  readonly vectors: Map<string, Float32Array>;
  readonly isTorn: boolean;
}

function vectorsIn(bytes: Buffer): Stored {
  const vectors = new Map<string, Float32Array>();
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const key = bytes.toString("hex", at, at + KEY_BYTES);
    const start = at + HEAD_BYTES;
    const end = start + bytes.readUInt32LE(at + KEY_BYTES) * NUMBER_BYTES;
    if (end > bytes.length) break;
    // A copy, because numbers must begin at a multiple of their size.
    const vector = new Float32Array(Uint8Array.from(bytes.subarray(start, end)).buffer);
    if (!lineOf(key, vector).equals(bytes.subarray(at, end))) break;
    vectors.set(key, vector);
    at = end;
  }
  return { vectors, isTorn: at < bytes.length };
}

function bytesOf(vectors: ReadonlyMap<string, Float32Array>): Buffer {
  return Buffer.concat([...vectors].map(([key, vector]) => lineOf(key, vector)));
}

function lineOf(key: string, vector: Float32Array): Buffer {
  const numbers = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  const head = Buffer.alloc(KEY_BYTES + 4);
  head.write(key, "hex");
  head.writeUInt32LE(vector.length, KEY_BYTES);
  const check = createHash("sha256").update(head).update(numbers).digest();
  return Buffer.concat([head, check.subarray(0, CHECK_BYTES), numbers]);
}
