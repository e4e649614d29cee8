import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Checkout } from "./checkouts.ts";
import { listCheckouts } from "./checkouts.ts";
import { removeFile, writeDurably } from "./durable-file.ts";
import type { HeldIndex } from "./held-index.ts";
import { holdIndex, releaseAbandonedIndex, releaseIndex, replaceIndex } from "./held-index.ts";
import { isAncestor } from "./history.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { RefOutcome, RefUpdate } from "./ref-transaction.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";
import type { Move } from "./work-tree.ts";
import { makeMove, rehearseMove, removeBeginnings } from "./work-tree.ts";

/** A work tree that could not follow main, and the paths in the way. */
export interface Obstacle {
  readonly workTree: string;
  readonly paths: readonly string[];
}

/**
 * What became of a delivery. `worktree-conflict`, `worktree-busy` (another git command is at work) and
 * `worktree-behind` (an earlier delivery is not finished): nothing has moved. `not-moved`: `move` said no.
 * `delivered`: main has moved; a work tree in `behind` was edited in that instant and follows at the next start.
 */
export type Delivered<Moved> =
  | { readonly kind: "delivered"; readonly moved: Moved; readonly behind: readonly Obstacle[] }
  | { readonly kind: "not-moved"; readonly moved: Moved }
  | ({ readonly kind: "worktree-conflict" | "worktree-behind" } & Obstacle)
  | { readonly kind: "worktree-busy"; readonly workTree: string };

/** `unsettled`: only the origin knows whether it has accepted what this clone has not moved to. */
export type DeliveryRecovery =
  | { readonly kind: "nothing" }
  | { readonly kind: "finished" }
  | { readonly kind: "unsettled" }
  | ({ readonly kind: "behind" } & Obstacle);

/** How long after its start a delivery's git may go on without its runner. */
const ORPHAN_MS = 3000;
const ORPHAN_POLL_MS = 100;

interface Journal extends Move {
  readonly checkouts: readonly Pick<Checkout, "gitDir" | "workTree">[];
}

/**
 * Moves main together with the work trees in which it is checked out.
 *
 * Order: hold the index, rehearse, write the journal, `move` the refs, bring the files along, drop the
 * journal. A branch that moves without its index would make the operator's next commit undo the delivery.
 */
export async function deliver<Moved>(delivery: {
  readonly repository: Repository;
  readonly from: string;
  readonly to: string;
  /** Moves main (and what belongs to it) by compare-and-swap. */
  readonly move: () => Promise<Moved>;
  readonly hasMoved: (moved: Moved) => boolean;
}): Promise<Delivered<Moved>> {
  const { repository } = delivery;
  // Its journal is all that knows of what the work tree still has to get.
  const earlier = await recoverDelivery(repository);
  if (earlier.kind === "behind") return { ...earlier, kind: "worktree-behind" };
  const held: HeldIndex[] = [];
  try {
    for (const checkout of checkoutsOfMain(repository)) {
      const index = holdIndex(checkout, repository.operator);
      if (index === undefined) return { kind: "worktree-busy", workTree: checkout.workTree };
      held.push(index);
    }
    for (const index of held) {
      const paths = await rehearseMove(index, delivery);
      if (paths.length > 0) return { kind: "worktree-conflict", ...obstacle(index, paths) };
    }
    return await moveWithJournal(delivery, held);
  } finally {
    held.forEach(releaseIndex);
  }
}

/** Removes the locks that a dead runner left on the indexes of work trees; only under the runner's own lock. */
export function releaseAbandonedIndexes(repository: Repository): void {
  for (const { gitDir } of checkoutsOfMain(repository)) releaseAbandonedIndex(gitDir);
}

/** Finishes a delivery that was cut off after main had moved; only under the runner's own lock. */
export async function recoverDelivery(repository: Repository): Promise<DeliveryRecovery> {
  const journal = readJournal(repository);
  if (journal === undefined) return { kind: "nothing" };
  for (const { gitDir } of journal.checkouts) releaseAbandonedIndex(gitDir);

  const main = readRefs(repository).get(MAIN);
  if (repository.origin !== null && main === journal.from) return { kind: "unsettled" };
  const hasMoved = main !== undefined && (await isAncestor(repository, journal.to, main)) === "yes";
  const checkouts = hasMoved ? checkoutsOfMain(repository) : [];
  for (const checkout of checkouts) {
    if (!journal.checkouts.some(({ gitDir }) => gitDir === checkout.gitDir)) continue;
    const behind = await followPatiently(repository, checkout, journal);
    if (behind !== undefined) return { kind: "behind", ...behind };
  }
  removeFile(journalOf(repository));
  return { kind: "finished" };
}

/** Makes a delivery that the origin has accepted, as its main shows, true here as well; one that it has not never happened. */
export async function finishDelivery(
  repository: Repository,
  originMain: string | undefined,
  move: (update: RefUpdate) => Promise<RefOutcome>,
): Promise<void> {
  const journal = readJournal(repository);
  if (journal === undefined || readRefs(repository).get(MAIN) !== journal.from) return;
  const { from, to } = journal;
  const isAccepted =
    originMain !== undefined && (await isAncestor(repository, to, originMain)) === "yes";
  if (!isAccepted) {
    removeFile(journalOf(repository));
    return;
  }
  await deliver({
    repository,
    from,
    to,
    move: () => move({ ref: MAIN, from, to }),
    hasMoved: ({ kind }) => kind === "ok",
  });
}

/** A delivery was cut off: a lock of main that is here now is its own. */
export function isDeliveryUnfinished(repository: Repository): boolean {
  return existsSync(journalOf(repository));
}

async function moveWithJournal<Moved>(
  delivery: Parameters<typeof deliver<Moved>>[0],
  held: readonly HeldIndex[],
): Promise<Delivered<Moved>> {
  const { repository, from, to } = delivery;
  const checkouts = held.map(({ checkout: { gitDir, workTree } }) => ({ gitDir, workTree }));
  writeDurably(journalOf(repository), JSON.stringify({ from, to, checkouts }));
  const moved = await delivery.move();
  if (!delivery.hasMoved(moved)) {
    removeFile(journalOf(repository));
    return { kind: "not-moved", moved };
  }
  const behind: Obstacle[] = [];
  for (const index of held) {
    const paths = await makeMove(index, delivery);
    if (paths.length === 0) replaceIndex(index);
    else behind.push(obstacle(index, paths));
  }
  if (behind.length === 0) removeFile(journalOf(repository));
  return { kind: "delivered", moved, behind };
}

/** The git that a killed runner had started may still be bringing files along: what is in the way then is its doing. */
async function followPatiently(
  repository: Repository,
  checkout: Checkout,
  move: Move,
): Promise<Obstacle | undefined> {
  for (;;) {
    const behind = await follow(repository, checkout, move);
    const written = statSync(journalOf(repository)).mtimeMs;
    if (behind === undefined || Date.now() - written > ORPHAN_MS) return behind;
    await wait(ORPHAN_POLL_MS);
  }
}

async function follow(
  repository: Repository,
  checkout: Checkout,
  move: Move,
): Promise<Obstacle | undefined> {
  const index = holdIndex(checkout, repository.operator);
  if (index === undefined) return { workTree: checkout.workTree, paths: [] };
  try {
    await removeBeginnings(index, move);
    const rehearsed = await rehearseMove(index, move);
    const paths = rehearsed.length > 0 ? rehearsed : await makeMove(index, move);
    if (paths.length > 0) return obstacle(index, paths);
    replaceIndex(index);
    return undefined;
  } finally {
    releaseIndex(index);
  }
}

function checkoutsOfMain(repository: Repository): readonly Checkout[] {
  return listCheckouts(repository).filter(
    ({ head }) => head.kind === "branch" && head.ref === MAIN,
  );
}

function obstacle(held: HeldIndex, paths: readonly string[]): Obstacle {
  return { workTree: held.checkout.workTree, paths };
}

function readJournal(repository: Repository): Journal | undefined {
  const path = journalOf(repository);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

function journalOf(repository: Repository): string {
  return join(repository.fettleDir, "delivery.json");
}
