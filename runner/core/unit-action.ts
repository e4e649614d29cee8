/** The next action of a unit of work. */
import type { EffectPlan, StepAdopt, StepStart } from "./action.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { forecastOf } from "./forecast.ts";
import type { AgentVersion } from "./model.ts";
import { endsIteration, nextIteration } from "./repeat.ts";
import type { Scope } from "./run-scope.ts";
import { experienceOf, type RunContext } from "./step-plan.ts";
import type { AgentStep, AttemptRecord } from "#runner/schema/types.gen.ts";

/** A step, or one item of it, with what its expressions see. */
export interface UnitOfWork {
  readonly step: AgentStep;
  readonly agent: AgentVersion;
  readonly item: string | null;
  readonly itemInput?: unknown;
  /** Of what undoes an effect: the base that its receipt stands under. */
  readonly undoBase?: string;
  /** Of the step; `itemScope` adds the item. */
  readonly scope: Scope;
}

export interface Started {
  readonly last: AttemptRecord | undefined;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** An execution of the unit. */
export function startOf(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan | null },
): StepStart {
  return {
    kind: "step-start",
    ...common(context, unit, start),
    because: becauseOf(context, unit, start.last),
    timeoutMs: timeoutMs(unit),
    effect: start.effect,
    resume: false,
    forecast: forecastOf(experienceOf(context), unit.agent),
  };
}

/** A result that needs no execution. */
export function adopt(
  context: RunContext,
  unit: UnitOfWork,
  result: Started & Pick<StepAdopt, "effect" | "outcome" | "reason">,
): StepAdopt {
  const { effect, outcome, reason } = result;
  return {
    kind: "step-adopt",
    ...common(context, unit, result),
    because: reason,
    effect,
    outcome,
    reason,
  };
}

function common(
  context: RunContext,
  unit: UnitOfWork,
  started: Started,
): Pick<
  StepStart,
  "project" | "run" | "step" | "item" | "itemInput" | "attempt" | "iteration" | "agent" | "inputs"
> {
  const { last, inputs } = started;
  const iteration = nextIteration(unit.step, last);
  return {
    project: context.run.record.project,
    run: context.run.record.id,
    step: unit.step.id,
    item: unit.item,
    ...(unit.item === null ? {} : { itemInput: unit.itemInput }),
    attempt: last === undefined ? 1 : last.attempt + (last.state === "intended" ? 0 : 1),
    ...(iteration === undefined ? {} : { iteration }),
    agent: unit.agent.name,
    inputs,
  };
}

function becauseOf(
  { failure }: RunContext,
  unit: UnitOfWork,
  last: AttemptRecord | undefined,
): string {
  const { repeat } = unit.step;
  if (repeat !== undefined && last !== undefined && endsIteration(last)) {
    return `after iteration ${last.iteration ?? 1} of at most ${repeat.max} it is not yet: ${repeat.until}`;
  }
  if (last !== undefined)
    return `attempt ${last.attempt} ended ${last.outcome ?? "without an outcome"}`;
  if (failure !== undefined)
    return `the run has failed: ${[failure.step, failure.reason].filter(Boolean).join(": ")}`;
  return unit.item === null ? "everything it needs is there" : `item ${unit.item} is ready`;
}

function timeoutMs(unit: UnitOfWork): number {
  const wall = durationMs(unit.agent.manifest.limits.wall);
  return unit.step.timeout === undefined ? wall : Math.min(wall, durationMs(unit.step.timeout));
}
