/** Books transactions: one group is one commit of the state branch and one event file. */
import { secondsOf } from "#runner/core/time/instant.ts";
import { canonicalJson, digestOfBytes } from "#runner/core/canonical-json.ts";
import { foldEvents } from "#runner/core/fold/fold.ts";
import type { LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import type { Summaries } from "#runner/core/model.ts";
import {
  eventsPath,
  FORMAT_PATH,
  inventoryPath,
  LIVE_WORKSPACE_PATH,
  livePath,
  payloadPath,
  statsPath,
} from "#runner/core/state-path.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { StateChange } from "#runner/repo/state-change.ts";
import type { StateOutcome, StateStore } from "#runner/repo/state-store.ts";
import { subjectOf, trailersOf } from "#runner/core/commit-message.ts";
import { expectReadable } from "./record-schema.ts";
import { FORMAT } from "./state-format.ts";

/** Instant of the newest event of the group: the next runner's clock does not run behind it. */
export const LAST_EVENT_TRAILER = "Fettle-At";

/** What a group needs besides its transactions. */
export interface Booking {
  readonly summaries: Summaries;
  readonly transactions: readonly Transaction[];
  /** Refs that move in the same update; their commits exist already. */
  readonly refs: readonly RefUpdate[];
}

/** What became of a group, and the summaries when it was committed: those that `observeTransactions` arrives at. */
export interface Booked {
  readonly outcome: StateOutcome;
  readonly summaries: Summaries;
}

/** Commits the group. */
export async function book(store: StateStore, booking: Booking): Promise<Booked> {
  const { change, summaries } = groupOf(booking, { isFirst: store.tip === null });
  return { outcome: await store.commit(change), summaries };
}

/** The same, for a group that is published later, with what follows from it. */
export async function holdBack(store: StateStore, booking: Omit<Booking, "refs">): Promise<Booked> {
  const group = groupOf({ ...booking, refs: [] }, { isFirst: store.tip === null });
  return { outcome: await store.holdBack(group.change), summaries: group.summaries };
}

/** The commit of a group, and the summaries after it. */
export function groupOf(
  booking: Booking,
  { isFirst }: { readonly isFirst: boolean },
): { readonly change: StateChange; readonly summaries: Summaries } {
  const { transactions } = booking;
  const events = transactions.map(({ event }) => event);
  const summaries = foldEvents(booking.summaries, events);
  const records = new Map([
    ...transactions.flatMap(({ files: changed }) => [...changed]),
    ...changedSummaries(booking.summaries, summaries),
  ]);
  const files = new Map<string, string | null>();
  if (isFirst) files.set(FORMAT_PATH, fileText(FORMAT));
  for (const [path, record] of records) files.set(path, recordText(path, record));
  for (const { texts } of transactions) for (const [path, text] of texts) files.set(path, text);
  const told = eventsChange(events);
  for (const [path, text] of told.stateFiles) files.set(path, text);
  const payload = payloadByMonth(transactions);
  return {
    change: { ...told, stateFiles: files, payload, alsoRefs: booking.refs },
    summaries,
  };
}

/** What a commit says of its events, in words and in its event file. */
export function eventsChange(events: readonly LedgerEvent[]): StateChange {
  const [first] = events;
  if (first === undefined) throw new Error("a group without transactions");
  const ledger = fileText({ transactions: events });
  return {
    subject: subjectOf(events),
    trailers: [...trailersOf(events), [LAST_EVENT_TRAILER, lastOf(events)]],
    stateFiles: new Map([[eventsPath(first.at, digestOfBytes(ledger)), ledger]]),
    payload: [],
    alsoRefs: [],
    at: secondsOf(first.at),
  };
}

function lastOf(events: readonly LedgerEvent[]): string {
  return events.reduce((last, { at }) => (at > last ? at : last), "");
}

function fileText(record: object): string {
  return `${canonicalJson(record)}\n`;
}

/** A record that could not be read again would stop every later tick: it must not become durable. */
function recordText(path: string, record: object | null): string | null {
  if (record === null) return null;
  expectReadable(path, record);
  return fileText(record);
}

/** The summaries that differ, by path. */
function changedSummaries(before: Summaries, after: Summaries): ReadonlyMap<string, object | null> {
  const files = new Map<string, object | null>();
  if (after.workspace !== before.workspace) files.set(LIVE_WORKSPACE_PATH, after.workspace);
  addChanged(files, livePath, [before.projects, after.projects]);
  addChanged(files, inventoryPath, [before.inventories, after.inventories]);
  addChanged(files, statsPath, [before.stats, after.stats]);
  return files;
}

function addChanged(
  files: Map<string, object | null>,
  pathOf: (name: string) => string,
  [before, after]: readonly [ReadonlyMap<string, object>, ReadonlyMap<string, object>],
): void {
  if (before === after) return;
  for (const [name, value] of after) {
    if (before.get(name) !== value) files.set(pathOf(name), value);
  }
  for (const name of before.keys()) if (!after.has(name)) files.set(pathOf(name), null);
}

function payloadByMonth(transactions: readonly Transaction[]): StateChange["payload"] {
  const months = new Map<string, Map<string, Uint8Array>>();
  for (const blob of transactions.flatMap(({ payload }) => payload)) {
    const files = months.get(blob.month) ?? new Map<string, Uint8Array>();
    months.set(blob.month, files.set(payloadPath(blob.digest), blob.content));
  }
  return [...months].map(([month, files]) => ({ month, files }));
}
