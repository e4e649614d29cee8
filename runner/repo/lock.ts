import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Repository } from "./repository.ts";
import { makeOwnFolder } from "./own-folder.ts";
import { sqliteError, writeWhole } from "./broken-world.ts";

/** Who holds the lock, or held it last; times in milliseconds since 1970. */
export interface LockHolder {
  readonly pid: number;
  readonly since: number;
  /** It released the lock, and nothing of it was cut off. */
  readonly hasEnded?: boolean;
}

/** `previous` is who held it before, dead or gone by now. */
export type Locked =
  | {
      readonly kind: "locked";
      readonly lock: RunnerLock;
      readonly previous: LockHolder | undefined;
    }
  | { readonly kind: "held"; readonly by: LockHolder | undefined };

export interface RunnerLock {
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
  const previous = readHolder(repository);
  const database = lockedDatabase(join(repository.fettleDir, "lock.sqlite"));
  if (database === undefined) return { kind: "held", by: readHolder(repository) };
  writeWhole(holderFile(repository), JSON.stringify(holder));
  const release = (): void => {
    try {
      const hasEnded = !repository.killed.forget();
      writeWhole(holderFile(repository), JSON.stringify({ ...holder, hasEnded }));
    } finally {
      database.close();
    }
  };
  return { kind: "locked", lock: { release }, previous };
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
