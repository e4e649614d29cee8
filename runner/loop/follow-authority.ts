/** Keeps this clone in step with the authority: `origin` where it is configured, else its own branches. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { gatePath } from "#runner/core/state-path.ts";
import { isPermission } from "#runner/protocol/rebase.ts";
import { finishDelivery } from "#runner/repo/delivery.ts";
import {
  fetchFromOrigin,
  followOrigin,
  readOrigin,
  type CaughtUp as FollowedOrigin,
} from "#runner/repo/origin.ts";
import { hereToo, pushRefs } from "#runner/repo/push.ts";
import {
  branchName,
  branchRef,
  fetchedRef,
  GATE_BRANCHES,
  KEPT_BRANCHES,
  keptRef,
  LOCAL_REFS,
  MAIN,
  RUNNER_BRANCHES,
  seenRef,
  STATE,
} from "#runner/core/ref-names.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { readRefs, type Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Engine } from "./engine.ts";
import { leftBranches, tornBranches } from "./left-branches.ts";
import { eventsSince, rebuild } from "./rebuild.ts";
import { publishPending } from "./publish-pending.ts";
import { takenBranches, unfinishedTakings } from "./taken-payload.ts";
import { expectWritable } from "./state-format.ts";
import { stateConflict, type StateConflict } from "./state-standing.ts";
import { readFolder, readRecord, stateAt } from "./state-files.ts";

const ORIGIN_REFS = `${LOCAL_REFS}origin/`;

/** main and the gate branches as the authority showed them last; state and payload as this clone holds them. */
export function authorityRefs(repository: Repository): Refs {
  const refs = readRefs(repository);
  const shown = [...shownIn(refs)];
  if (repository.origin === null || shown.length === 0) return refs;
  const own = [...refs].filter(([ref]) => !ref.startsWith(GATE_BRANCHES));
  return new Map([
    ...own,
    ...shown.filter(([ref]) => ref === MAIN || ref.startsWith(GATE_BRANCHES)),
  ]);
}

/** The branches as the origin showed them last. */
function shownIn(refs: Refs): Refs {
  const known = [...refs].filter(([ref]) => ref.startsWith(ORIGIN_REFS));
  return new Map(known.map(([ref, oid]) => [branchRef(ref.slice(ORIGIN_REFS.length)), oid]));
}

/** `conflict`: the state that counts lacks what this clone has seen; nothing was moved. */
export type CaughtUp =
  | { readonly kind: "current" }
  | { readonly kind: "unreachable"; readonly detail: string }
  | { readonly kind: "raced"; readonly detail: string }
  | { readonly kind: "conflict"; readonly conflict: StateConflict };

/** Follows the origin, then publishes what an earlier tick could not; only under the lock. */
export async function catchUp(engine: Engine, signal: AbortSignal): Promise<CaughtUp> {
  // Between two ticks another process may have offered what this one had made.
  engine.store.offer();
  // Without an origin nothing is read here, and a tick that finds nothing new reads nothing else.
  if (engine.repository.origin !== null) await expectWritable(engine.store, engine.repository);
  const followed = await follow(engine, signal);
  switch (followed.kind) {
    case "current":
    case "unreachable": {
      const conflict = await stateConflict(engine, null);
      if (conflict !== null) return { kind: "conflict", conflict };
      if (followed.kind === "unreachable") await dropPermissions(engine);
      return followed.kind === "current" ? publishHeldBack(engine, signal) : followed;
    }
    case "raced":
    case "conflict":
      return followed;
    case "followed": {
      await finishDelivery(engine.repository, followed.shown.get(MAIN), (update) =>
        engine.store.transactions.run([update]),
      );
      const { shown } = followed;
      await removeLeftBranches(engine, shown, signal);
      await finishTakings(engine, shown, signal);
      const first = await publishFirst(engine, shown, signal);
      return first ?? publishLeftOver(engine, shown, signal);
    }
  }
}

/** What a runner without an origin had made durable when it was killed. */
export async function publishHeldBack(engine: Engine, signal: AbortSignal): Promise<CaughtUp> {
  if (!engine.store.holdsBack) return { kind: "current" };
  const published = await publishPending(engine, signal);
  return published.ok ? { kind: "current" } : { kind: "raced", detail: published.detail };
}

/** Here and at the origin; what the origin refuses to let go stays on both sides. */
async function removeLeftBranches(engine: Engine, shown: Refs, signal: AbortSignal): Promise<void> {
  const { repository, store } = engine;
  const tip = shown.get(STATE);
  const torn =
    tip === undefined ? [] : await tornBranches(engine, shown, stateAt(store.reader, tip));
  const pushed = torn.length === 0 ? null : await pushRefs(repository, torn, signal);
  const gone = new Set(pushed?.outcome === "ok" ? torn.map(({ ref }) => ref) : []);
  const left = new Map([...shown].filter(([ref]) => !gone.has(ref)));
  await store.transactions.run(forgotten(readRefs(repository), left));
  await store.transactions.run(await leftBranches(engine, left));
}

/** Content that the state says is gone, and that a crash has left on its branch. */
async function finishTakings(engine: Engine, shown: Refs, signal: AbortSignal): Promise<void> {
  const { repository, store } = engine;
  const left = await unfinishedTakings({ repository, reader: store.reader }, shown);
  if (left.length === 0) return;
  const pushed = await pushRefs(repository, left, signal);
  if (pushed.outcome === "ok") await store.transactions.run(hereToo(left, readRefs(repository)));
}

/** The same in a clone without an origin. */
export async function finishTakingsHere({ repository, store }: Engine): Promise<void> {
  if (repository.origin !== null) return;
  const refs = readRefs(repository);
  const left = await unfinishedTakings({ repository, reader: store.reader }, refs);
  if (left.length === 0) return;
  await store.transactions.run(left);
  store.refresh();
}

type Followed = CaughtUp | { readonly kind: "followed"; readonly shown: Refs };

/** Reads the origin once, fetches what is new and brings this clone's state and payload along; `current` without an origin. */
export async function follow(
  engine: Pick<Engine, "repository" | "store">,
  signal: AbortSignal,
): Promise<Followed> {
  const { repository, store } = engine;
  if (repository.origin === null) return { kind: "current" };
  const shown = await readOrigin(repository, signal);
  if (shown.kind === "unreachable") return shown;
  const before = readRefs(repository);
  // An old main would bring a history that a shallow clone is without on purpose.
  const isLeft = (ref: string): boolean => repository.shallow && ref.startsWith(KEPT_BRANCHES);
  const wanted = [...shown.refs].filter(
    ([ref, oid]) => before.get(fetchedRef(ref)) !== oid && !isLeft(ref),
  );
  const refs = wanted.map(([ref]) => ref);
  const fetched = await fetchFromOrigin(repository, { refs }, signal);
  if (fetched.kind === "unreachable") return fetched;
  const conflict = await stateConflict(engine, shown.refs);
  if (conflict !== null) return { kind: "conflict", conflict };
  await store.transactions.run(forgotten(before, shown.refs));
  const place = { repository, reader: store.reader };
  const taken = await takenBranches(place, readRefs(repository), shown.refs);
  const following = { advertised: shown.refs, taken };
  const followed = await followOrigin(repository, store.transactions, following);
  if (followed.kind !== "current") return { kind: "raced", detail: heldWords(followed) };
  store.refresh();
  return { kind: "followed", shown: shown.refs };
}

/** Between the look at the refs and their move another git was at work here. */
function heldWords(followed: Exclude<FollowedOrigin, { readonly kind: "current" }>): string {
  const moved = `${branchName(followed.ref)} moved here meanwhile`;
  return followed.kind === "locked" ? followed.detail : moved;
}

/** What was fetched before and is gone at the origin. */
function forgotten(before: Refs, shown: Refs): readonly RefUpdate[] {
  return [...before]
    .filter(([ref]) => ref.startsWith(ORIGIN_REFS))
    .filter(([ref]) => !shown.has(branchRef(ref.slice(ORIGIN_REFS.length))))
    .map(([ref, oid]) => ({ ref, from: oid, to: null }));
}

function isShared(ref: string): boolean {
  return ref === MAIN || ref.startsWith(RUNNER_BRANCHES);
}

/** An origin without state gets this clone's, together with main and the open gates. */
async function publishFirst(
  engine: Engine,
  shown: Refs,
  signal: AbortSignal,
): Promise<CaughtUp | undefined> {
  const refs = readRefs(engine.repository);
  if (shown.has(STATE) || !refs.has(STATE)) return undefined;
  const updates = [...refs]
    .filter(([ref]) => isShared(ref) && !shown.has(ref))
    .map(([ref, to]): RefUpdate => ({ ref, from: null, to }));
  const pushed = await pushRefs(engine.repository, updates, signal);
  if (pushed.outcome !== "ok") return { kind: "unreachable", detail: pushed.detail };
  await engine.store.transactions.run(hereToo(updates, refs));
  return undefined;
}

/** Commits that were durable here when the last tick ended, with the gate branches that they speak of. */
async function publishLeftOver(
  engine: Engine,
  shown: Refs,
  signal: AbortSignal,
): Promise<CaughtUp> {
  const { store } = engine;
  if (store.unpublished().length === 0) return { kind: "current" };
  await dropWhatIsPartOfMore(engine);
  const also = [
    ...(await unpublishedGates(engine)),
    ...(await unpublishedKept(engine)),
    ...(await tornBranches(engine, shown, store)),
  ];
  const published = await publishPending(engine, signal, also);
  if (published.ok) return { kind: "current" };
  return { kind: published.isRace ? "raced" : "unreachable", detail: published.detail };
}

/** An intent that was kept from the origin was never acted on: seen or published now, it would only raise a doubt. */
function dropPermissions(engine: Engine): Promise<void> {
  return rebuildWhere(engine, isPermission);
}

/** The commit of main that a delivery names was to be pushed with it, and nobody holds it any more: it is planned again. */
function dropWhatIsPartOfMore(engine: Engine): Promise<void> {
  return rebuildWhere(engine, (event) => isPermission(event) || event.kind === "files-delivered");
}

async function rebuildWhere(
  engine: Engine,
  matches: (event: LedgerEvent) => boolean,
): Promise<void> {
  if (engine.store.unpublished().length === 0) return;
  const newest = shownIn(readRefs(engine.repository));
  const tip = newest.get(STATE);
  if (tip !== undefined && (await eventsSince(engine, tip)).some(matches)) {
    await rebuild(engine, newest);
  }
}

/**
 * Gates that pending commits have opened. An origin on a disk may have taken the state of a push and died before the branch: what
 * counted when the last tick ended tells that nobody can have deleted it.
 */
async function unpublishedGates({ store, repository }: Engine): Promise<readonly RefUpdate[]> {
  const open = await readFolder(store, "gates", records.gate);
  const refs = readRefs(repository);
  const published = refs.get(seenRef(STATE)) ?? refs.get(STATE);
  const before = published === undefined ? undefined : stateAt(store.reader, published);
  const fresh = await Promise.all(
    [...open.values()].map(async (gate): Promise<readonly RefUpdate[]> => {
      const known = before && (await readRecord(before, gatePath(gate.id), records.gate));
      return known === undefined && !refs.has(fetchedRef(branchRef(gate.branch)))
        ? [{ ref: branchRef(gate.branch), from: null, to: gate.head }]
        : [];
    }),
  );
  return fresh.flat();
}

/** The old mains of rewrites that pending commits have accepted: the origin may have died before these branches, too. */
async function unpublishedKept(engine: Engine): Promise<readonly RefUpdate[]> {
  const refs = readRefs(engine.repository);
  const seen = refs.get(seenRef(STATE));
  if (seen === undefined) return [];
  const events = await eventsSince(engine, seen);
  return events.flatMap((event): readonly RefUpdate[] => {
    if (event.kind !== "rewrite-accepted" || event.purged !== undefined) return [];
    if (refs.has(fetchedRef(keptRef(event.from)))) return [];
    return [{ ref: keptRef(event.from), from: null, to: event.from }];
  });
}
