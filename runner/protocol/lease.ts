/** Claims: a runner says on the state branch what it works on, so that others leave it alone for a while. */
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { runnerPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { RunnerRecord } from "#runner/schema/types.gen.ts";

/** How long a claim lasts; renewed at half of it. */
const LEASE_MS = 120_000;

/** The record of a runner that works on these runs from now on; each claim has a higher fence than all before it. */
export function claim(
  runners: readonly RunnerRecord[],
  {
    runner,
    runs,
    now,
  }: { readonly runner: string; readonly runs: readonly string[]; readonly now: string },
): RunnerRecord {
  const before = runners.find((record) => record.runner === runner);
  const fence = Math.max(0, ...runners.map((record) => record.fence)) + 1;
  return {
    runner,
    since: before?.since ?? now,
    fence,
    expires: addMs(now, LEASE_MS),
    runs: [...new Set(runs)].toSorted(),
  };
}

/** Whether a runner should claim before it goes on: something is not held yet, or half of the time is over. */
export function mustClaim(
  own: RunnerRecord | undefined,
  runs: readonly string[],
  now: string,
): boolean {
  if (runs.length === 0) return false;
  if (own === undefined || runs.some((run) => !own.runs.includes(run))) return true;
  return msBetween(now, own.expires) < LEASE_MS / 2;
}

/** The transaction that says so. */
export function claimed(record: RunnerRecord, at: string): Transaction {
  const { runner, runs, fence, expires, plan } = record;
  const ofLanes = plan === undefined ? {} : { plan };
  return transaction({
    event: { kind: "work-claimed", at, project: "", runner, runs, fence, expires, ...ofLanes },
    files: [[runnerPath(runner), record]],
    change: { kind: "claim", runner: record },
  });
}
