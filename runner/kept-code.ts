/** Files of the program whose compiled code is kept between starts: what was called, not what is there. */
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { makeOwnFolder } from "#runner/repo/own-folder.ts";

const OPENING = "(function(require,__dirname){const module={exports:{}},exports=module.exports;";
const CLOSING = "\nreturn module.exports;})";

/** Bytes before the code: its checksum. The engine checks its own version and the length, not what the disk made of it. */
const HEAD = 4;
/** What is kept is written again when it has grown by this factor. */
const GROWTH = 1.1;

export interface Loaded<Exports> {
  readonly exports: Exports;
}

/**
 * Runs CommonJS files and the ones beside them that they require. Node's own compile cache keeps only what is compiled when
 * a file is loaded: either nearly nothing, or all of it, and then most of what is read back is never called.
 */
export class KeptCode {
  readonly #folder: string | undefined;
  readonly #required = new Map<string, unknown>();
  readonly #keeps: (() => void)[] = [];
  #isCold = false;

  /** @param folder where compiled code is kept; must be this user's alone. Whatever cannot be read or written is done without */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Whether a file was loaded of which nothing was kept that could be used. */
  get isCold(): boolean {
    return this.#isCold;
  }

  load<Exports>(path: string): Loaded<Exports> {
    const kept = this.#folder === undefined ? undefined : join(this.#folder, keptName(path));
    const before = kept === undefined ? undefined : readKept(kept);
    const text = readFileSync(path, "latin1");
    const script = new Script(`${OPENING}${text}${CLOSING}`, {
      filename: path,
      ...(before !== undefined && { cachedData: before }),
    });
    const isUsed = before !== undefined && script.cachedDataRejected !== true;
    this.#isCold ||= !isUsed;
    const worthwhile = isUsed ? before.length * GROWTH : 0;
    this.#keeps.push(() => {
      const code = script.createCachedData();
      if (kept !== undefined && code.length > worthwhile) writeKept(kept, code);
    });
    const run: (require: Require, dirname: string) => Exports = script.runInThisContext();
    return { exports: run(this.#requireFrom(path), dirname(path)) };
  }

  /** Keeps what is compiled by now, where that is clearly more than what was kept before. Takes some milliseconds. */
  keep(): void {
    for (const keep of this.#keeps) keep();
  }

  #requireFrom(path: string): Require {
    const require = createRequire(path);
    return (name) => {
      if (!name.startsWith("./") || !name.endsWith(".cjs")) return require(name);
      const file = join(dirname(path), name);
      if (!this.#required.has(file)) this.#required.set(file, this.load(file).exports);
      return this.#required.get(file);
    };
  }
}

type Require = (name: string) => unknown;

/** A name of its own for each build in each place. */
function keptName(path: string): string {
  const { size, mtimeMs } = statSync(path);
  const identity = crc32(`${path}\n${size}\n${mtimeMs}`).toString(16);
  return `${basename(path, ".cjs")}-${identity}.code`;
}

function readKept(path: string): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const code = bytes.subarray(HEAD);
    return bytes.length > HEAD && bytes.readUInt32LE() === crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

function writeKept(path: string, code: Buffer): void {
  const fresh = `${path}.${process.pid}`;
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(crc32(code));
  try {
    makeOwnFolder(dirname(path));
    writeFileSync(fresh, Buffer.concat([head, code]));
    renameSync(fresh, path);
  } catch {
    // Compiled again at the next start.
  }
}
