import { closeSync, fsync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { withPath, writeWhole } from "./broken-world.ts";
import { makeOwnFolder } from "./own-folder.ts";

const synced = promisify(fsync);

/** Replaces a file so that after a crash of the machine either the old or the new text is there. */
export function writeDurably(path: string, text: string): void {
  makeOwnFolder(dirname(path));
  const fresh = `${path}.${process.pid}`;
  const file = openSync(fresh, "w");
  try {
    writeAll(file, Buffer.from(text));
    fsyncSync(file);
  } catch (error) {
    throw withPath(error, fresh);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}

/** The same of what can be made again: it is not synced, so after a crash of the machine neither may be there. */
export function replaceFile(path: string, text: string): void {
  makeOwnFolder(dirname(path));
  const fresh = `${path}.${process.pid}-${process.hrtime.bigint()}`;
  writeWhole(fresh, text);
  renameSync(fresh, path);
}

/** Removes a file; fine when it is not there. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** Makes a file that must not exist yet; its content is on the disk when this resolves. */
export async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = openSync(path, "wx");
  try {
    writeAll(file, Buffer.from(content));
    await synced(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw withPath(error, path);
  } finally {
    closeSync(file);
  }
}

/** A disk that is nearly full takes a part and says so only when it is given the rest. */
function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** The names in a folder survive a crash of the machine when this resolves. */
export async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, "r");
  try {
    await synced(folder);
  } finally {
    closeSync(folder);
  }
}
