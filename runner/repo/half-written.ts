import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const FRESH = /\.(\d+)(?:-\d+)?$/;

/** Files of the runner's folder that were to be renamed into their places by processes that are gone. */
export function halfWritten(
  fettleDir: string,
  { recursive }: { readonly recursive: boolean },
): readonly string[] {
  if (statSync(fettleDir, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(fettleDir, { withFileTypes: true, recursive })
    .filter((entry) => !entry.isDirectory() && isOfTheDead(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function isOfTheDead(name: string): boolean {
  const pid = FRESH.exec(name)?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** It has ended, and nobody has asked how: in a container without an init that stays so. */
function isZombie(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
