/** Goals: when they are measured, what a measurement means, when it starts a run. */
import { anewSlot } from "./clock-lead.ts";
import { entryOf } from "./entry.ts";
import { addMs, windowStart } from "#runner/core/time/instant.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import type { GoalMeasured } from "./action.ts";
import type { Workspace } from "./model.ts";
import type { RunContext, StepEnd } from "./step-plan.ts";
import type { Goal, GoalState, LiveProject, Pipeline } from "#runner/schema/types.gen.ts";

const PREFIX = "goal.";
const MEASURE = "measure";
const STALL_AFTER = 3;

/** A measurement is a one-step run of the implicit pipeline `goal.<name>`. */
export function measurePipeline(goal: Goal): Pipeline {
  const { agent, with: inputs } = goal.metric;
  const step = { id: MEASURE, agent, ...(inputs === undefined ? {} : { with: inputs }) };
  return { apiVersion: "fettle/v1", steps: [step] };
}

export function measurePipelineName(goal: string): string {
  return `${PREFIX}${goal}`;
}

/** Name of the goal that a run measures; null for other runs. */
export function measuredGoal(pipeline: string): string | null {
  return pipeline.startsWith(PREFIX) ? pipeline.slice(PREFIX.length) : null;
}

/** Goals of the project that name the pipeline. */
export function goalsServedBy(
  workspace: Workspace,
  project: string,
  pipeline: string,
): readonly string[] {
  const goals = workspace.projects.get(project)?.manifest.goals ?? {};
  return Object.entries(goals)
    .filter(([, goal]) => goal.pipelines.includes(pipeline))
    .map(([name]) => name);
}

/** What the ended measurement says; null when the run was not one. */
export function measured(
  context: RunContext,
  ends: ReadonlyMap<string, StepEnd>,
): GoalMeasured | null {
  const { project, pipeline } = context.run.record;
  const name = measuredGoal(pipeline);
  if (name === null) return null;
  const goal = entryOf(context.workspace.projects.get(project)?.manifest.goals, name);
  if (goal === undefined) return unknown(name, "the goal is gone");
  const end = ends.get(MEASURE);
  if (end?.result !== "done") return unknown(name, end?.reason ?? "not measured");
  const value = numberIn(end.value, goal.metric.output);
  return value === null
    ? unknown(name, `${goal.metric.output} is not a number`)
    : { name, value, met: meets(value, goal), reason: "" };
}

function unknown(name: string, reason: string): GoalMeasured {
  return { name, value: null, met: null, reason };
}

function numberIn(stepValue: unknown, output: string): number | null {
  const outputs = member(stepValue, "outputs");
  const value = member(outputs, output);
  return typeof value === "number" ? value : null;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function meets(value: number, goal: Goal): boolean {
  const { min, max } = goal.target;
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

export interface Measurement {
  readonly slot: string;
  readonly asOf: string;
  readonly because: string;
}

/** The measurement that is due: after a run of its pipelines that is delivered, else once a check window. */
export function dueMeasurement(
  goal: Goal,
  state: GoalState | undefined,
  facts: { readonly now: string; readonly live: LiveProject | undefined },
): Measurement | null {
  const measuredAt = state?.measuredAt ?? null;
  const ended = measuredAt === null ? null : deliveredAfter(measuredAt, goal, facts.live);
  if (ended !== null) {
    const because = `run ${ended.id} has ended`;
    return { slot: `after:${ended.id}`, asOf: ended.endedAt, because };
  }
  const start = windowStart(facts.now, durationMs(goal.check));
  if (measuredAt !== null && measuredAt >= start) return null;
  return {
    slot: anewSlot(`check:${start}`, state),
    asOf: start,
    because: `it is measured every ${goal.check}`,
  };
}

/** The last run of the goal's pipelines if it is newer than the measurement and its files are on main. */
function deliveredAfter(
  measuredAt: string,
  goal: Goal,
  live: LiveProject | undefined,
): EndedRun | null {
  const ended = lastEnded(goal, live);
  // What an operator decides on first is no delivery yet.
  const isDelivered = live?.pending.every(({ asks }) => asks !== undefined) === true;
  return ended !== null && ended.endedAt > measuredAt && isDelivered ? ended : null;
}

interface EndedRun {
  readonly id: string;
  readonly endedAt: string;
}

function lastEnded(goal: Goal, live: LiveProject | undefined): EndedRun | null {
  return goal.pipelines
    .map((name) => entryOf(live?.pipelines, name)?.lastRun)
    .filter((run) => run !== undefined)
    .reduce<EndedRun | null>(
      (last, run) => (last === null || run.endedAt > last.endedAt ? run : last),
      null,
    );
}

/** When the goal is looked at again if nothing else happens. */
export function nextCheck(goal: Goal, now: string): string {
  const length = durationMs(goal.check);
  return addMs(windowStart(now, length), length);
}

export type GoalVerdict =
  | { readonly kind: "fine" }
  | {
      readonly kind: "start";
      readonly measurement: string;
      readonly value: number | null;
      readonly measuredAt: string;
    }
  | {
      readonly kind: "hold";
      readonly reason: "cooldown" | "goal-unknown" | "goal-stalled";
      readonly why: string;
      readonly until: string | null;
    };

/** Whether an unmet goal starts its pipelines. Unknown starts nothing. */
export function goalVerdict(goal: Goal, state: GoalState | undefined, now: string): GoalVerdict {
  const measuredAt = state?.measuredAt ?? null;
  if (state === undefined || measuredAt === null || state.met === true) return { kind: "fine" };
  if (state.met === null) {
    const why = `its metric could not be measured: ${state.reason ?? "unknown"}`;
    return { kind: "hold", reason: "goal-unknown", why, until: nextCheck(goal, now) };
  }
  const start = startOf(state, measuredAt);
  return start.kind === "fine" ? start : (whyNotYet(goal, state, now) ?? start);
}

/** Only a measurement newer than the last run's end starts another one. */
function startOf(
  { lastRunEndedAt, value, measuredBy = "" }: GoalState,
  measuredAt: string,
): GoalVerdict {
  return lastRunEndedAt !== null && lastRunEndedAt >= measuredAt
    ? { kind: "fine" }
    : { kind: "start", measurement: measuredBy, value, measuredAt };
}

/** null when nothing stands against another run. */
function whyNotYet(goal: Goal, state: GoalState, now: string): GoalVerdict | null {
  if (state.unmetRuns >= (goal.stallAfter ?? STALL_AFTER)) {
    const why = `${state.unmetRuns} runs have ended and the goal is still not met`;
    return { kind: "hold", reason: "goal-stalled", why, until: null };
  }
  const until = cooldownEnd(goal, state.lastRunEndedAt);
  if (until === null || until <= now) return null;
  const why = `not again within ${goal.cooldown ?? ""} of the last run`;
  return { kind: "hold", reason: "cooldown", why, until };
}

function cooldownEnd({ cooldown }: Goal, lastRunEndedAt: string | null): string | null {
  return cooldown === undefined || lastRunEndedAt === null
    ? null
    : addMs(lastRunEndedAt, durationMs(cooldown));
}
