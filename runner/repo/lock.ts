import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Repository } from "./repository.ts";
import { makeOwnFolder } from "./own-folder.ts";
import { sqliteError, writeWhole } from "./broken-world.ts";

/** Who holds the lock, or held it last. */
export interface LockHolder {
  readonly pid: number;
  /** From when on something may be left of it, or of one before it; milliseconds since 1970. */
  readonly since: number;
  /** It released the lock, and nothing of it was cut off or left. */
  readonly hasEnded?: boolean;
}

export type Locked = TakenLock | { readonly kind: "held"; readonly by: LockHolder | undefined };

export interface TakenLock {
  readonly kind: "locked";
  readonly lock: RunnerLock;
  /** Who held it before, dead or gone by now. */
  readonly previous: LockHolder | undefined;
}

export interface RunnerLock {
  /** What an earlier holder had left is in order now. */
  readonly cleared: () => void;
  readonly release: () => void;
}

type Where = Pick<Repository, "fettleDir">;

const DATABASE_IS_LOCKED = 5;

/**
 * Makes this process the only one that writes in this repository; reading needs no lock.
 *
 * The lock is one that the operating system keeps for an open file (through SQLite), so it ends with the
 * process, however that dies. The file beside it only tells people who holds it.
 */
export function lockRepository(
  repository: Pick<Repository, "fettleDir" | "killed">,
  holder: LockHolder,
): Locked {
  makeOwnFolder(repository.fettleDir);
  const database = lockedDatabase(join(repository.fettleDir, "lock.sqlite"));
  const previous = readHolder(repository);
  if (database === undefined) return { kind: "held", by: previous };
  // Until it is in order, what a dead holder has left counts as this one's, who may die as well.
  let left = hasDied(previous) ? previous : undefined;
  const write = (end?: Pick<LockHolder, "hasEnded">): void => {
    const since = left?.since ?? holder.since;
    writeWhole(holderFile(repository), JSON.stringify({ ...holder, since, ...end }));
  };
  write();
  const cleared = (): void => {
    if (left === undefined) return;
    left = undefined;
    write();
  };
  const release = (): void => {
    try {
      write({ hasEnded: !repository.killed.forget() && left === undefined });
    } finally {
      database.close();
    }
  };
  return { kind: "locked", lock: { cleared, release }, previous };
}

/** It may have left something: locks, unfinished files, half a delivery. */
export function hasDied(holder: LockHolder | undefined): holder is LockHolder {
  return holder !== undefined && holder.hasEnded !== true;
}

/** undefined while another process holds the lock. */
function lockedDatabase(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database?.close();
    if (isLocked(error)) return undefined;
    throw sqliteError(error, path);
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === DATABASE_IS_LOCKED;
}

function readHolder(repository: Where): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(holderFile(repository), "utf8"));
  } catch {
    return undefined;
  }
}

function holderFile(repository: Where): string {
  return join(repository.fettleDir, "lock.json");
}
