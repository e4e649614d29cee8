/** What a settling makes of what lanes have told, or have not. */
import type { StepStart } from "#runner/core/action.ts";
import type { PlannedUnit } from "#runner/core/lane/lane-plan.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { withOwnGrant } from "#runner/core/money/own-grant.ts";
import { isRecorded } from "#runner/loop/settle-lanes.ts";
import { duringOf } from "#runner/runtimes/checked-result.ts";
import { resultOf } from "./result.ts";
import { keptAt } from "./saving.ts";
import type { Results, Wave } from "./wave.ts";
import type { Rules } from "./world.ts";

/** `torn`: there is a half of a file. */
export type Answer = "whole" | "torn" | "gone";

export interface Settling {
  readonly wave: Wave;
  readonly results: Results;
  /** What has not been told yet may still come. */
  readonly isPartial: boolean;
  /** What of each unit reaches it, if it was told. */
  readonly answers: ReadonlyMap<string, Answer>;
}

interface Settled {
  /** By unit. */
  readonly news: readonly (readonly Transaction[])[];
  /** What is still waited for. */
  readonly open: readonly StepStart[];
}

interface Facts extends Pick<Rules, "lostStep"> {
  readonly present: Observed;
  readonly now: string;
}

export function resultsOf(settling: Settling, facts: Facts): Settled {
  const { units } = settling.wave.handed.plan;
  const all = units.map((unit) => ({ unit, made: resultOfUnit(settling, unit, facts) }));
  return {
    news: all.map(({ made }) => (made ?? []).filter((one) => !isRecorded(one, facts.present))),
    open: all.flatMap((one) => (one.made === null ? [one.unit.start] : [])),
  };
}

/** null: it may still come. */
function resultOfUnit(
  { wave, results, answers, isPartial }: Settling,
  { unit, start }: PlannedUnit,
  { now, lostStep }: Facts,
): readonly Transaction[] | null {
  const { past, plan } = wave.handed;
  const told = results.get(unit);
  const answer = told === undefined ? "gone" : (answers.get(unit) ?? "whole");
  if (answer === "gone" && isPartial) return null;
  const own = withOwnGrant(past.observed, start);
  if (told === undefined || answer !== "whole") {
    return [lostStep(past, own, { startedAt: plan.at, at: now, reason: answer })];
  }
  const { startedAt, finishedAt: at } = duringOf(told, { plannedAt: plan.at, now });
  const saved = told.kept === null ? [] : [keptAt(told.kept, at)];
  return [...saved, resultOf(past, own, { ...told, startedAt, at })];
}
