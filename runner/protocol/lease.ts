/**
 * Who works on which run. A lease only avoids that two runners do the same work: whoever ignores it, or sees it too
 * late, still cannot do an effect twice, because the intent of an effect is a permission on the same branch.
 */
import { addMs, msBetween } from "#runner/core/calendar.ts";
import type { RunnerRecord } from "#runner/schema/types.gen.ts";

/** How long a claim lasts; renewed at half of it. */
export const LEASE_MS = 120_000;
/** How far the clocks of two runners may be apart. */
export const SKEW_MS = 30_000;

/** Runs that another runner works on at `now`, with the instant from which they may be taken over. */
export function heldByOthers(
  runners: readonly RunnerRecord[],
  self: string,
  now: string,
): ReadonlyMap<string, { readonly runner: string; readonly until: string }> {
  const held = new Map<string, { readonly runner: string; readonly until: string }>();
  for (const { runner, runs, expires } of runners) {
    const until = addMs(expires, SKEW_MS);
    if (runner === self || until <= now) continue;
    for (const run of runs) held.set(run, { runner, until });
  }
  return held;
}

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
