/** How every cap of the workspace stands. */
import { type Axis, type Cap, capsFor, nextWindowOf, standingOf, type Standing } from "./budget.ts";
import { daysOfMonthBefore } from "#runner/core/time/calendar.ts";
import type { CostFacts } from "./cost-report.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import type { Budget } from "#runner/schema/types.gen.ts";

export interface CapStanding extends Standing {
  readonly scope: string;
  readonly file: string;
  readonly per: Budget["per"];
  readonly axis: Axis;
  readonly limit: number;
  /** What will be taken when the window ends, if it goes on so; null where nothing can be said. */
  readonly projected: number | null;
  readonly level: "fine" | "warn" | "soft" | "full";
  /** When the window ends. */
  readonly until: string | null;
}

const DEFAULT_WARN_AT = 0.8;
/** Of a window that has only begun nothing can be said. */
const LEAST_SHARE = 0.02;

/** Each cap once; those of single runs are told with the runs. */
export function capStandings(facts: CostFacts): readonly CapStanding[] {
  const found = new Map<string, CapStanding>();
  for (const cap of allCaps(facts)) {
    const { file, axis, budget } = cap;
    const key = JSON.stringify([file, axis, budget.per]);
    if (budget.per !== "run" && !found.has(key)) found.set(key, standing(facts, cap));
  }
  return [...found.values()];
}

function allCaps(facts: CostFacts): readonly Cap[] {
  const { workspace } = facts;
  const known = { ...facts, planned: [] };
  return [...workspace.projects].flatMap(([project, { pipelines, agents }]) =>
    [...pipelines.keys()].flatMap((pipeline) =>
      [...agents.values()].flatMap((agent) =>
        capsFor(known, { project, pipeline, run: "", agent }),
      ),
    ),
  );
}

function standing(facts: CostFacts, cap: Cap): CapStanding {
  const { scope, file, axis, limit, budget } = cap;
  const { taken, reserved } = standingOf({ ...facts, planned: [] }, cap, "");
  const until = nextWindowOf(facts, cap);
  const share = until === null ? 1 : elapsed(facts.now, until, budget.per);
  const isTold = until !== null && share >= LEAST_SHARE;
  return {
    scope,
    file,
    per: budget.per,
    axis,
    limit,
    taken,
    reserved,
    projected: isTold ? Math.round(taken / share) : null,
    level: levelOf(cap, taken + reserved),
    until,
  };
}

function levelOf({ limit, budget }: Cap, gone: number): CapStanding["level"] {
  const { warnAt = DEFAULT_WARN_AT, softAt } = budget;
  if (gone >= limit) return "full";
  if (softAt !== undefined && gone >= softAt * limit) return "soft";
  return gone >= warnAt * limit ? "warn" : "fine";
}

/** Share of the window that is over, from 0 to 1. */
function elapsed(now: string, until: string, per: Budget["per"]): number {
  const days = per === "week" ? 7 : per === "month" ? daysOfMonthBefore(until) : 1;
  return Math.min(1, Math.max(0, 1 - msBetween(now, until) / (days * DAY_MS)));
}
