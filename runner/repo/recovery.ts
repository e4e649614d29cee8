import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { DeliveryRecovery } from "./delivery.ts";
import { isDeliveryUnfinished, recoverDelivery, releaseAbandonedIndexes } from "./delivery.ts";
import { hasDied, type LockHolder, type TakenLock } from "./lock.ts";
import { KEEP_MARK, UNFINISHED } from "./pack-file.ts";
import { halfWritten } from "./half-written.ts";
import { isEntered, originFolder, originLocks } from "./origin-locks.ts";
import { takeOverHeldBack } from "./held-back.ts";
import { LOCAL_REFS, MAIN, publishedRef, RUNNER_BRANCHES } from "#runner/core/ref-names.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";

/** What a start found and put in order. */
export interface Recovered {
  readonly removed: readonly string[];
  readonly delivery: DeliveryRecovery;
  /** Commits that were durable here and may not have reached the origin. */
  readonly pending: readonly PendingCommit[];
}

export interface PendingCommit {
  readonly ref: string;
  readonly commit: string;
  readonly published: string | undefined;
}

/** How long a leftover must have been untouched before it is removed, in milliseconds. */
export interface Patience {
  /** Our own lock files: a dying child of the last runner may still be finishing. */
  readonly ownLock: number;
  /** Lock files that the operator's git may hold at this moment. */
  readonly sharedLock: number;
  /** Unfinished object files, which a fetch of the operator may still be filling. */
  readonly object: number;
}

const PATIENCE: Patience = { ownLock: 1_000, sharedLock: 10_000, object: 600_000 };
const TEMPORARY_OBJECT = /^(?:\.tmp-|tmp_(?:pack|idx|obj|rev))/;

/** Puts in order what a killed runner left behind; only under the runner's lock. */
export async function recover(
  repository: Repository,
  last: { readonly holder: LockHolder | undefined; readonly patience?: Patience },
): Promise<Recovered> {
  const { commonDir } = repository;
  const patience = last.patience ?? PATIENCE;
  const removed = [
    ...(await removeOwnLocks(repository, patience.ownLock)),
    ...removeAbandoned(unfinishedPacks(commonDir), { since: 0, idle: 0 }),
    ...(await removeShared(commonDir, last.holder, patience)),
    ...(await removeAtOrigin(repository, last.holder, patience)),
  ];
  // A process that was killed before it held the lock has left something in the runner's folder at most.
  const recursive = hasDied(last.holder);
  for (const path of halfWritten(repository.fettleDir, { recursive }))
    rmSync(path, { force: true });
  if (hasDied(last.holder)) releaseAbandonedIndexes(repository);
  const delivery = await recoverDelivery(repository);
  await takeOverHeldBack(repository);
  const pending = pendingCommits(repository);
  if (pending.length === 0) removeAbandoned(abandonedKeeps(commonDir), { since: 0, idle: 0 });
  return { removed, delivery, pending };
}

/** The same, under a lock that was taken just now: what is in order counts as left by nobody. */
export async function recoverUnder(
  { previous, lock }: TakenLock,
  repository: Repository,
): Promise<Recovered> {
  const recovered = await recover(repository, { holder: previous });
  lock.cleared();
  return recovered;
}

/** What a killed runner's git may have left among the operator's files; looking for it takes a while. */
async function removeShared(
  commonDir: string,
  holder: LockHolder | undefined,
  patience: Patience,
): Promise<readonly string[]> {
  if (!hasDied(holder)) return [];
  const { since } = holder;
  const locks = sharedLocks(commonDir).filter((path) => changedAt(path) >= since);
  await aged(locks, patience.sharedLock);
  return [
    ...removeAbandoned(locks, { since, idle: patience.sharedLock }),
    ...removeAbandoned(temporaryObjects(commonDir), { since, idle: patience.object }),
  ];
}

/**
 * Locks that a killed push left in an origin on this machine. Nobody else can remove them, and every later push would wait
 * for them; a push of another runner may hold its own, so they go when they are old enough and nobody is at work there.
 */
async function removeAtOrigin(
  repository: Repository,
  holder: LockHolder | undefined,
  { sharedLock, object }: Patience,
): Promise<readonly string[]> {
  const folder = hasDied(holder) ? originFolder(repository) : null;
  if (folder === null || !hasDied(holder)) return [];
  const { since } = holder;
  const locks = originLocks(folder).filter((path) => changedAt(path) >= since);
  if (isEntered(folder) === null) return removeAbandoned(locks, { since, idle: object });
  await aged(locks, sharedLock);
  return isEntered(folder) === true ? [] : removeAbandoned(locks, { since, idle: sharedLock });
}

/** Ref locks below the runner's own folders can only be the runner's, and main's during a delivery. */
async function removeOwnLocks(repository: Repository, idle: number): Promise<readonly string[]> {
  const { commonDir } = repository;
  const folders = [RUNNER_BRANCHES, LOCAL_REFS].map((name) => join(commonDir, name));
  const below = folders.flatMap(filesBelow).filter((path) => path.endsWith(".lock"));
  const ofMain = join(commonDir, `${MAIN}.lock`);
  const locks = isDeliveryUnfinished(repository) && exists(ofMain) ? [...below, ofMain] : below;
  await aged(locks, idle);
  return removeAbandoned(locks, { since: 0, idle: 0 });
}

/** Waits until all of them have been untouched for so long: what is at work does not take longer, and nothing goes on without them. */
async function aged(paths: readonly string[], idle: number): Promise<void> {
  const youngest = Math.min(...paths.map(ageOf));
  // Timers are a fraction of a millisecond early, and what is not old enough by then stays for ever.
  if (youngest < idle) await wait(Math.ceil(idle - youngest) + 1);
}

/** Removes what was made in the time of the dead runner and has not been touched for a while. */
function removeAbandoned(
  paths: readonly string[],
  { since, idle }: { readonly since: number; readonly idle: number },
): readonly string[] {
  const abandoned = paths.filter((path) => changedAt(path) >= since && ageOf(path) >= idle);
  for (const path of abandoned) rmSync(path, { force: true });
  return abandoned;
}

function sharedLocks(commonDir: string): readonly string[] {
  return [`${MAIN}.lock`, "packed-refs.lock", "shallow.lock"].map((name) => join(commonDir, name));
}

function temporaryObjects(commonDir: string): readonly string[] {
  const objects = join(commonDir, "objects");
  const folders = readdirSync(objects).filter((name) => /^(?:[0-9a-f]{2}|pack)$/.test(name));
  return folders
    .flatMap((folder) => filesIn(join(objects, folder)))
    .filter((path) => TEMPORARY_OBJECT.test(basename(path)));
}

/** Only the holder of the lock writes these. */
function unfinishedPacks(commonDir: string): readonly string[] {
  return filesIn(join(commonDir, "objects", "pack")).filter((path) =>
    basename(path).startsWith(UNFINISHED),
  );
}

/** Packs that a dead writer did not come to name by a ref, and kept from being collected. */
function abandonedKeeps(commonDir: string): readonly string[] {
  return filesIn(join(commonDir, "objects", "pack")).filter(
    (path) => path.endsWith(".keep") && readFileSync(path, "utf8") === KEEP_MARK,
  );
}

function pendingCommits(repository: Repository): readonly PendingCommit[] {
  const refs = readRefs(repository);
  return [...refs].flatMap(([name, commit]): PendingCommit[] => {
    const ref = publishedRef(repository.runner, name);
    return ref === undefined || refs.get(ref) === commit
      ? []
      : [{ ref, commit, published: refs.get(ref) }];
  });
}

function filesBelow(folder: string): string[] {
  return exists(folder) ? filesIn(folder, true) : [];
}

function filesIn(folder: string, recursive = false): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function ageOf(path: string): number {
  return Date.now() - changedAt(path);
}

/** Before everything, for a file that is gone. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}
