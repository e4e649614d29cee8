/** Applies what is pending in this clone again on the newest state of the origin, after another runner was faster. */
import type { Rebuilt } from "#runner/protocol/publish.ts";
import { rebase, type Recorded, type Tip, type TipRun } from "#runner/protocol/rebase.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { runsOf } from "#runner/core/event-runs.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import {
  checkpointsPath,
  LIVE_WORKSPACE_PATH,
  runFolder,
  runPath,
} from "#runner/core/state-path.ts";
import { STATE } from "#runner/core/ref-names.ts";
import { transaction } from "#runner/core/transaction.ts";
import { mergeBase } from "#runner/repo/history.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { Refs } from "#runner/repo/refs.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { AttemptRecord, ReceiptRecord } from "#runner/schema/types.gen.ts";
import { closedAmong } from "./closed-runs.ts";
import type { Engine } from "./engine.ts";
import { groupOf } from "./ledger.ts";
import { readHandled } from "./handled.ts";
import { readReceipts } from "./receipts.ts";
import { transactionsOf } from "./recorded.ts";
import { tellOvertaken } from "./overtaken.ts";
import { expectWritable } from "./state-format.ts";
import { stateConflict } from "./state-standing.ts";
import {
  readRecord,
  readRequests,
  readSummaries,
  stateAt,
  type StateFiles,
} from "./state-files.ts";

const EPOCH = "1970-01-01T00:00:00.000Z";

/** `nothing-left`: all of it follows from the newest state, or stands there already. */
export async function rebuild(engine: Engine, newest: Refs): Promise<Rebuilt> {
  const { repository, store } = engine;
  const tip = newest.get(STATE);
  if (tip === undefined) return "parted";
  if ((await stateConflict(engine, new Map([[STATE, tip]]))) !== null) return "parted";
  const files = stateAt(store.reader, tip);
  await expectWritable(files, repository);
  const { pending, since } = await pendingTransactions(engine, tip);
  const { kept, dropped } = rebase(pending, {
    ...(await tipOf(files, pending, since)),
    self: repository.workingAs ?? repository.runner,
  });
  tellOvertaken(engine, dropped);
  if (kept.length === 0) {
    await store.rebuild(null, newest);
    return "nothing-left";
  }
  const transactions = kept.map((one) => transaction({ event: one.event, files: [...one.files] }));
  const summaries = await readSummaries(files);
  const { change } = groupOf({ summaries, transactions, refs: [] }, { isFirst: false });
  await store.rebuild(change, newest);
  return "ready";
}

/** What this clone has booked since the state at `newest`. */
export async function eventsSince(engine: Engine, newest: string): Promise<readonly LedgerEvent[]> {
  const { pending } = await pendingTransactions(engine, newest);
  return pending.map(({ event }) => event);
}

interface Pending {
  readonly pending: readonly Recorded[];
  /** The first day of which others may have done what this clone did not know. */
  readonly since: string;
}

/**
 * Every pending transaction that is not part of `newest`, oldest first, as its commit holds it: a push may have been
 * accepted without this clone coming to know of it, and others have built on it since.
 */
async function pendingTransactions(
  { store, repository }: Engine,
  newest: string,
): Promise<Pending> {
  const { reader } = store;
  const shared = store.tip === null ? null : await mergeBase(repository, store.tip, newest);
  const found: (readonly Recorded[])[] = [];
  for (let at = store.tip; at !== null && at !== shared;) {
    const [parent = null] = (await reader.readCommit(at))?.parents ?? [];
    found.unshift(await transactionsOf(stateAt(reader, at), { commit: at, parent }));
    at = parent;
  }
  return { pending: found.flat(), since: await dayBefore(reader, shared) };
}

/** What ended before both parted is known to whoever built the pending transactions; a day for clocks that differ. */
async function dayBefore(reader: ObjectReader, shared: string | null): Promise<string> {
  if (shared === null) return "";
  const [, seconds] = /> (\d+) /.exec((await reader.readCommit(shared))?.committer ?? "") ?? [];
  return seconds === undefined ? "" : addMs(EPOCH, Number(seconds) * 1000 - DAY_MS).slice(0, 10);
}

/** What the newest state says of all that the transactions name. */
async function tipOf(
  files: StateFiles,
  pending: readonly Recorded[],
  since: string,
): Promise<Omit<Tip, "self">> {
  const events = pending.map(({ event }) => event);
  const runs = new Set(events.flatMap(runsOf));
  const bases = new Set(
    events.flatMap((event) =>
      "effect" in event && event.effect !== null ? [event.effect.base] : [],
    ),
  );
  const [foundRuns, receipts, requests, saved, workspace] = await Promise.all([
    runsAt(files, [...runs], since),
    receiptsAt(files, [...bases]),
    readRequests(files),
    savedAt(files, events),
    readRecord(files, LIVE_WORKSPACE_PATH, records.liveWorkspace),
  ]);
  return {
    runs: foundRuns,
    receipts,
    requests: new Set(requests.map(({ id }) => id)),
    saved,
    projects: new Set(workspace?.projects),
  };
}

async function runsAt(
  files: StateFiles,
  ids: readonly string[],
  since: string,
): Promise<ReadonlyMap<string, TipRun>> {
  const open = await Promise.all(ids.map((id) => openRunAt(files, id)));
  const found = new Map<string, TipRun>();
  ids.forEach((id, index) => {
    const run = open[index];
    if (run !== undefined) found.set(id, run);
  });
  const left = ids.filter((id) => !found.has(id));
  const handled = await readHandled(files, left);
  for (const record of handled.values())
    if (record !== null) found.set(record.run, { state: "closed" });
  if (found.size === ids.length) return found;
  const missing = ids.filter((id) => !found.has(id));
  for (const id of await closedAmong(files, missing, since)) found.set(id, { state: "closed" });
  return found;
}

async function openRunAt(files: StateFiles, id: string): Promise<TipRun | undefined> {
  const record = await readRecord(files, runPath(id), records.run);
  if (record === undefined) return undefined;
  const names = (await files.list(runFolder(id))).map(({ name }) => name);
  const paths = names
    .filter((name) => /\.\d+\.json$/.test(name))
    .map((name) => `${runFolder(id)}/${name}`);
  const read = await Promise.all(paths.map((path) => readRecord(files, path, records.attempt)));
  const attempts = new Map<string, AttemptRecord>();
  paths.forEach((path, index) => {
    const attempt = read[index];
    if (attempt !== undefined) attempts.set(path, attempt);
  });
  return { state: "open", record, attempts };
}

/** When what the events have saved was saved last. */
async function savedAt(
  files: StateFiles,
  events: readonly LedgerEvent[],
): Promise<ReadonlyMap<string, string>> {
  const named = events.flatMap((event) =>
    event.kind === "step-checkpointed" ? [checkpointsPath(event.run, event)] : [],
  );
  const found = await Promise.all(
    [...new Set(named)].map(async (path): Promise<readonly [string, string][]> => {
      const record = await readRecord(files, path, records.checkpoints);
      return record === undefined ? [] : [[path, record.savedAt]];
    }),
  );
  return new Map(found.flat());
}

async function receiptsAt(
  files: StateFiles,
  bases: readonly string[],
): Promise<ReadonlyMap<string, ReceiptRecord>> {
  const read = await readReceipts(files, bases);
  return new Map([...read].flatMap(([base, record]) => (record === null ? [] : [[base, record]])));
}
