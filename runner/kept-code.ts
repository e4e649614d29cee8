/** A file of the program whose compiled code is kept between starts: what was called, not what is there. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

const OPENING = "(function(require,__dirname){const module={exports:{}},exports=module.exports;";
const CLOSING = "\nreturn module.exports;})";

export interface Loaded<Exports> {
  readonly exports: Exports;
  /** Whether nothing was kept that could be used. */
  readonly isCold: boolean;
  /** Keeps what is compiled by now, when that is clearly more than what was kept before. Takes some milliseconds. */
  readonly keep: () => void;
}

/** Bytes before the code: its checksum. The engine checks its own version and the length, not what the disk made of it. */
const HEAD = 4;
/** What is kept is written again when it has grown by this factor. */
const GROWTH = 1.1;

/**
 * Runs a CommonJS file. Node's own compile cache keeps only what is compiled when a file is loaded: either nearly nothing, or
 * all of it, and then most of what is read back is never called.
 *
 * @param folder where compiled code is kept; must be this user's alone. Whatever cannot be read or written is done without
 */
export function loadKept<Exports>(path: string, folder: string | undefined): Loaded<Exports> {
  const kept = folder === undefined ? undefined : join(folder, keptName(path));
  const before = kept === undefined ? undefined : readKept(kept);
  const text = readFileSync(path, "latin1");
  const script = new Script(`${OPENING}${text}${CLOSING}`, {
    filename: path,
    ...(before !== undefined && { cachedData: before }),
  });
  const run: (require: NodeJS.Require, dirname: string) => Exports = script.runInThisContext();
  const isCold = before === undefined || script.cachedDataRejected === true;
  const worthwhile = isCold ? 0 : before.length * GROWTH;
  const keep = (): void => {
    const code = script.createCachedData();
    if (kept !== undefined && code.length > worthwhile) writeKept(kept, code);
  };
  return { exports: run(createRequire(path), dirname(path)), isCold, keep };
}

/** A name of its own for each build in each place. */
function keptName(path: string): string {
  const { size, mtimeMs } = statSync(path);
  const identity = crc32(`${path}\n${size}\n${mtimeMs}`).toString(16);
  return `fettle-${identity}.code`;
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
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(fresh, Buffer.concat([head, code]));
    renameSync(fresh, path);
  } catch {
    // Compiled again at the next start.
  }
}
