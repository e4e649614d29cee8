import { mkdirSync, openSync, closeSync, fsyncSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a file so that after a crash of the machine either the old or the new text is there. */
export function writeDurably(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  const file = openSync(fresh, "w");
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(fresh, path);
  syncFolder(dirname(path));
}

/** Removes a file; fine when it is not there. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}
