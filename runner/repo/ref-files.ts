import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { syncFolder, writeSynced } from "./durable-file.ts";
import { readRef } from "./refs.ts";

/** A ref that exists and gets another value. */
export interface RefMove {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
}

/** `elsewhere`: git has to say what is wrong, or do it; nothing has moved. */
export type MoveOutcome =
  | { readonly kind: "moved-all" | "elsewhere" }
  | { readonly kind: "found"; readonly ref: string; readonly actual: string | null };

const LOCK_PATIENCE_MS = 100;
const LOCK_POLL_MS = 5;

/**
 * Moves existing refs all together by git's own protocol: a lock file each, all values compared, then the
 * lock files take the places of the refs, in the order given.
 *
 * What `git update-ref --stdin` does, at half of its cost: the lock files are written while the objects they name still are
 * (`written`). All is on the disk when this resolves. Refs with a reflog are left to git.
 */
export async function moveRefs(
  commonDir: string,
  moves: readonly RefMove[],
  written: Promise<unknown>,
): Promise<MoveOutcome> {
  if (moves.some(({ ref }) => existsSync(join(commonDir, "logs", ref)))) {
    return { kind: "elsewhere" };
  }
  const held: string[] = [];
  try {
    for (const { ref, to } of moves) {
      const path = join(commonDir, ref);
      if (!(await lock(path, to))) return { kind: "elsewhere" };
      held.push(path);
    }
    for (const { ref, from } of moves) {
      const actual = readRef(commonDir, ref) ?? null;
      if (actual !== from) return { kind: "found", ref, actual };
    }
    await written;
    await commit(held);
    return { kind: "moved-all" };
  } finally {
    for (const path of held) rmSync(`${path}.lock`, { force: true });
  }
}

/** Takes the lock with the new value in it; false when another process keeps it, or the folder is not there. */
async function lock(path: string, value: string): Promise<boolean> {
  for (let waited = 0; waited < LOCK_PATIENCE_MS; waited += LOCK_POLL_MS) {
    try {
      await writeSynced(`${path}.lock`, `${value}\n`);
      return true;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENOENT" || code === "ENOTDIR") return false;
      if (code !== "EEXIST") throw error;
    }
    await wait(LOCK_POLL_MS);
  }
  return false;
}

/** A lock file that has taken its ref's place is no longer held: the next one there is another process's. */
async function commit(held: string[]): Promise<void> {
  let last = "";
  for (let path = held[0]; path !== undefined; path = held[0]) {
    renameSync(`${path}.lock`, path);
    last = path;
    held.shift();
  }
  // A file system with a journal keeps order: with this name all earlier ones are on the disk, the packs' too.
  await syncFolder(dirname(last));
}
