/** What one step contributes to the plan of its run. */
import { type Experience, NO_FORECAST, totalForecast } from "./forecast.ts";
import type { Action, Forecast, Hold } from "./action.ts";
import type { HoldReason } from "./hold-reason.ts";
import type { GateOpen } from "#runner/core/gate/gate-action.ts";
import type { Want } from "./want.ts";
import type { Observed, OpenRun, Workspace } from "./model.ts";
import type { PlannedGrant } from "#runner/core/money/budget.ts";

/** What this plan adds already: one plan must neither exceed a ceiling nor do one thing twice. */
export interface Planned {
  /** External effects by agent. */
  readonly effectCounts: Map<string, number>;
  /** What they come to, by agent and unit. */
  readonly effectSums: Map<string, number>;
  /** Base keys of external effects. */
  readonly effects: Set<string>;
  /** Runs that steps of other runs start. */
  readonly runs: Set<string>;
  readonly gates: GateOpen[];
  /** Grants of this plan's starts. */
  readonly grants: PlannedGrant[];
  /** Further attempts by run, those at work among them. */
  readonly retries: Map<string, number>;
}

export function nothingPlanned(): Planned {
  return {
    effectCounts: new Map(),
    effectSums: new Map(),
    effects: new Set(),
    runs: new Set(),
    gates: [],
    grants: [],
    retries: new Map(),
  };
}

/** Facts that planning a run needs. */
export interface RunContext {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly run: OpenRun;
  readonly now: string;
  readonly planned: Planned;
  /** Set for the steps of `onFailure`. */
  readonly failure?: Failure;
  /** Only effects that have begun come to their end; nothing new starts, and nothing waits for its next try. */
  readonly isCalledOff?: true;
}

export function experienceOf({
  workspace,
  observed,
}: Pick<RunContext, "workspace" | "observed">): Experience {
  return { workspace, stats: observed.summaries.stats };
}

/** Why a run has failed. */
export interface Failure {
  /** Empty when it was no step, but the outputs of the pipeline. */
  readonly step: string;
  readonly reason: string;
  readonly outcome: string;
}

/** How a step ended; `value` is what expressions see as `steps.<id>`. */
export interface StepEnd {
  readonly result: "done" | "failed" | "rejected" | "skipped";
  readonly value: unknown;
  readonly failedItems: number;
  readonly reason: string;
}

export interface StepPlan {
  /** null while the step is not over. */
  readonly end: StepEnd | null;
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  readonly wants: readonly Want[];
  /** Instants at which time alone changes this plan. */
  readonly wakes: readonly string[];
  /** What follows the actions when there is a place for it. */
  readonly later: Forecast;
}

const NOTHING: StepPlan = {
  end: null,
  actions: [],
  holds: [],
  wants: [],
  wakes: [],
  later: NO_FORECAST,
};

export function ended(end: StepEnd): StepPlan {
  return { ...NOTHING, end };
}

export function skipped(reason: string): StepPlan {
  return ended({ result: "skipped", value: { outcome: "skipped" }, failedItems: 0, reason });
}

export function acting(action: Action): StepPlan {
  return { ...NOTHING, actions: [action] };
}

export function wanting(want: Want): StepPlan {
  return { ...NOTHING, wants: [want] };
}

export function held(hold: Hold): StepPlan {
  return { ...NOTHING, holds: [hold], wakes: hold.until === null ? [] : [hold.until] };
}

/** All of them together; not over, whatever the parts say. */
export function together(plans: readonly StepPlan[]): StepPlan {
  return {
    end: null,
    actions: plans.flatMap((plan) => plan.actions),
    holds: plans.flatMap((plan) => plan.holds),
    wants: plans.flatMap((plan) => plan.wants),
    wakes: plans.flatMap((plan) => plan.wakes),
    later: totalForecast(plans.map((plan) => plan.later)),
  };
}

/** A hold, and what is behind it. */
export function postponed(hold: Hold, later: Forecast): StepPlan {
  return { ...held(hold), later };
}

interface HoldFacts {
  readonly reason: HoldReason;
  readonly why: string;
  readonly unblock?: string;
  readonly until?: string | null;
}

export function stepHold(context: RunContext, step: string, facts: HoldFacts): Hold {
  return {
    project: context.run.record.project,
    subject: `step:${context.run.record.id}/${step}`,
    reason: facts.reason,
    why: facts.why,
    unblock: facts.unblock ?? "",
    until: facts.until ?? null,
  };
}
