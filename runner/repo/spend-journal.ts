/**
 * What the attempts of this clone have taken of their grants, and what their requests under way hold: with it a runner
 * that was killed books what it knows, and not all that it was given. It is on the disk before a request is sent.
 */
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Repository } from "./repository.ts";

/** Taken and held together. */
export interface Taken {
  readonly micros: number;
  readonly tokens: number;
  readonly requests: number;
}

const NOTHING: Taken = { micros: 0, tokens: 0, requests: 0 };

export class SpendJournal {
  readonly #path: string;
  readonly #known: Map<string, Taken>;
  /** The most of each grant that is known to be on the disk. */
  readonly #synced = new Map<string, Taken>();
  #file: number | null = null;

  constructor({ fettleDir }: Pick<Repository, "fettleDir">) {
    this.#path = join(fettleDir, "spend.log");
    this.#known = knownIn(this.#path);
  }

  /** Of every grant that was given to this clone and that is not forgotten. */
  get known(): ReadonlyMap<string, Taken> {
    return this.#known;
  }

  /** Before these grants are published: as long as nothing is noted, nothing is taken of them. */
  open(grants: readonly string[]): void {
    if (grants.length === 0) return;
    for (const grant of grants) this.#put(grant, NOTHING);
    this.#sync();
  }

  note(grant: string, taken: Taken): void {
    this.#put(grant, taken);
    const { micros, tokens, requests } = this.#synced.get(grant) ?? NOTHING;
    const isMore = taken.micros > micros || taken.tokens > tokens || taken.requests > requests;
    if (!isMore) return;
    this.#sync();
    this.#synced.set(grant, {
      micros: Math.max(micros, taken.micros),
      tokens: Math.max(tokens, taken.tokens),
      requests: Math.max(requests, taken.requests),
    });
  }

  /** Forgets all other grants. */
  keep(grants: ReadonlySet<string>): void {
    const gone = [...this.#known.keys()].filter((grant) => !grants.has(grant));
    for (const grant of gone) this.#known.delete(grant);
    if (gone.length > 0 && this.#known.size === 0) {
      this.close();
      rmSync(this.#path, { force: true });
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #put(grant: string, taken: Taken): void {
    this.#known.set(grant, taken);
    this.#file ??= opened(this.#path);
    writeSync(
      this.#file,
      `${JSON.stringify([grant, taken.micros, taken.tokens, taken.requests])}\n`,
    );
  }

  #sync(): void {
    if (this.#file !== null) fdatasyncSync(this.#file);
  }
}

function opened(path: string): number {
  const file = openSync(path, "a");
  // After a line that was cut off, the next one must not be lost as well.
  writeSync(file, fstatSync(file).size === 0 ? `${markOf(file)}\n` : "\n");
  return file;
}

/** A copy of this clone knows nothing of what the original goes on to take: a copied file is another one. */
function markOf(file: number): string {
  const { dev, ino } = fstatSync(file, { bigint: true });
  return `fettle ${dev}:${ino}`;
}

function knownIn(path: string): Map<string, Taken> {
  const known = new Map<string, Taken>();
  const [mark, ...lines] = linesOf(path);
  if (mark === undefined) return known;
  for (const line of lines) {
    const [grant, micros, tokens, requests] = fieldsOf(line);
    if (typeof grant !== "string") continue;
    known.set(grant, {
      micros: Number(micros),
      tokens: Number(tokens),
      requests: Number(requests),
    });
  }
  return known;
}

/** Of a file that was made here; the last line may be cut off: what it tells of was not sent then. */
function linesOf(path: string): readonly string[] {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return []; // nothing was granted
  }
  try {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines[0] === markOf(file) ? lines : [];
  } finally {
    closeSync(file);
  }
}

function fieldsOf(line: string): readonly unknown[] {
  try {
    const fields: unknown = JSON.parse(line);
    return Array.isArray(fields) ? fields : [];
  } catch {
    return [];
  }
}
