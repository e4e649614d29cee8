/** The claim of lanes: under a name of its own, for as long as the longest of them may take. */
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Claim } from "#runner/core/lease.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { type LanePlan, planId } from "#runner/core/lane/lane-plan.ts";
import type { Observed } from "#runner/core/model.ts";
import { runnerPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { RunnerRecord } from "#runner/schema/types.gen.ts";
import { claimed } from "./lease.ts";

/** That these lanes work on the runs of their plan, and that nobody waits any more for those that were over long ago. */
export function claimsForPlan(
  runners: readonly RunnerRecord[],
  plan: LanePlan,
): readonly Transaction[] {
  const { at: now, runner, expires, units } = plan;
  const ended = lapsedLanes(runners, now).map((record) => endLanes(runners, record, { now }));
  if (units.length === 0) return ended;
  const runs = units.map(({ start }) => start.run);
  return [...ended, claimForLanes(runners, { runner, runs, now, expires, plan: planId(plan) })];
}

export interface LaneClaim {
  readonly runner: string;
  readonly runs: readonly string[];
  readonly now: string;
  readonly expires: string;
  /** Digest. */
  readonly plan: string;
}

export function claimForLanes(
  runners: readonly RunnerRecord[],
  { runner, runs, now, expires, plan }: LaneClaim,
): Transaction {
  const fence = nextFence(runners);
  const record = { runner, since: now, fence, expires, runs: [...new Set(runs)].toSorted(), plan };
  return claimed(record, now);
}

export interface LanesEnd {
  readonly now: string;
  readonly billed?: Claim["billed"];
}

/** Nobody waits for these lanes any more: their claim goes, and its record with it. */
export function endLanes(
  runners: readonly RunnerRecord[],
  record: RunnerRecord,
  { now, billed }: LanesEnd,
): Transaction {
  const over = { ...record, fence: nextFence(runners), expires: now, runs: [] };
  const { event, change } = claimed(over, now);
  const told = billed === undefined ? event : { ...event, billed };
  return transaction({ event: told, files: [[runnerPath(record.runner), null]], change });
}

/** The end of the lanes that work under this name, where all that can be told of them is booked; null where nobody thinks that they go on. */
export function endOwnLanes(
  { runners, self }: Pick<Observed, "runners" | "self">,
  { isOver, ...end }: LanesEnd & { readonly isOver: boolean },
): Transaction | null {
  const own = runners.find(({ runner }) => runner === self);
  return own === undefined || own.runs.length === 0 || !isOver ? null : endLanes(runners, own, end);
}

/** Claims of lanes that were over a day ago without anybody saying so. */
export function lapsedLanes(
  runners: readonly RunnerRecord[],
  now: string,
): readonly RunnerRecord[] {
  const dayAgo = addMs(now, -DAY_MS);
  return runners.filter(({ plan, expires }) => plan !== undefined && expires < dayAgo);
}

function nextFence(runners: readonly RunnerRecord[]): number {
  return Math.max(0, ...runners.map(({ fence }) => fence)) + 1;
}
