/** An agent step: which units it has, which are over, what they need next. */
import { agentName } from "./agent-reference.ts";
import { forecastOf, times } from "./forecast.ts";
import type { AgentVersion } from "./model.ts";
import { placesOf } from "./parallel.ts";
import { repeatScope } from "./repeat.ts";
import { RUNNER_BRANCHES } from "./ref-names.ts";
import type { Scope } from "./run-scope.ts";
import {
  ended,
  held,
  postponed,
  experienceOf,
  skipped,
  stepHold,
  together,
  type RunContext,
  type StepEnd,
  type StepPlan,
} from "./step-plan.ts";
import { itemsOf } from "./step-items.ts";
import { undoWindowHold } from "#runner/core/undo/undo-window.ts";
import type { UnitOfWork } from "./unit-action.ts";
import { finalAttempt, hasBegun, isWorking, planUnit, workingOn } from "./unit-plan.ts";
import type { AgentStep, AttemptRecord } from "#runner/schema/types.gen.ts";

export function planAgentStep(context: RunContext, step: AgentStep, scope: Scope): StepPlan {
  const agent = agentOf(context, step);
  if (agent === undefined) {
    return ended(
      failure(`agent ${step.agent} is not in the workspace`, { outcome: "missing-tool" }, 0),
    );
  }
  const items = itemsOf(step, scope);
  if (!items.ok) return held(stepHold(context, step.id, items));
  const seen = repeatScope(context.run, step, scope);
  const finished: FinishedUnit[] = [];
  const open: UnitOfWork[] = [];
  for (const { item, itemInput } of items.list) {
    const unit = { step, agent, scope: seen, item, itemInput };
    const attempt = finalAttempt(context, unit);
    if (attempt === undefined) open.push(unit);
    else finished.push({ unit, attempt });
  }
  const failed = finished.find(({ attempt }) => hasFailed(attempt));
  if (failed !== undefined && step.forEach !== undefined && step.onItemFailure === "fail") {
    return stopped(context, open, failed);
  }
  if (open.length > 0) return planOpen(context, step, open);
  return endOf(context, step, finished);
}

function agentOf({ run }: RunContext, { agent }: AgentStep): AgentVersion | undefined {
  return run.agents.get(agentName(agent));
}

/** What fits beside the units at work is planned; the rest is only counted, however much it is. */
function planOpen(context: RunContext, step: AgentStep, open: readonly UnitOfWork[]): StepPlan {
  if (context.isCalledOff) return planBegun(context, open);
  const waits = undoWindowHold(context, step);
  if (waits !== null && !open.some((unit) => hasBegun(context, unit))) return held(waits);
  const working = workingOn(context, step.id);
  let free = placesOf(context.run.pipeline, step, agentOf(context, step)) - working;
  const plans: StepPlan[] = [];
  for (const unit of open) {
    if (free <= 0) break;
    if (isWorking(context, unit)) continue;
    const plan = planUnit(context, unit);
    plans.push(plan);
    if (plan.actions.some(({ kind }) => kind === "step-start")) free -= 1;
  }
  const left = open.length - working - plans.length;
  return left > 0 ? together([...plans, beyond(context, step, left)]) : together(plans);
}

function beyond(context: RunContext, step: AgentStep, left: number): StepPlan {
  const what = left === 1 ? "1 more item waits" : `${left} more items wait`;
  const agent = agentOf(context, step);
  const places = placesOf(context.run.pipeline, step, agent);
  const why = `${what} for a free place: ${places} run at the same time`;
  const hold = stepHold(context, step.id, { reason: "concurrency", why });
  if (agent === undefined) return held(hold);
  return postponed(hold, times(forecastOf(experienceOf(context), agent), left));
}

/** No further item starts; what has begun comes to its end first, so that no result and no effect is lost. */
function stopped(
  context: RunContext,
  open: readonly UnitOfWork[],
  { unit, attempt }: FinishedUnit,
): StepPlan {
  if (open.some((candidate) => hasBegun(context, candidate))) return planBegun(context, open);
  const why = `item ${unit.item ?? ""} failed: ${attempt.outcome ?? ""} ${attempt.reason}`;
  return ended(failure(why, { items: [] }, 1));
}

function planBegun(context: RunContext, open: readonly UnitOfWork[]): StepPlan {
  const begun = open.filter((unit) => hasBegun(context, unit));
  return together(begun.map((unit) => planUnit(context, unit)));
}

interface FinishedUnit {
  readonly unit: UnitOfWork;
  readonly attempt: AttemptRecord;
}

function endOf(context: RunContext, step: AgentStep, units: readonly FinishedUnit[]): StepPlan {
  if (step.forEach !== undefined) return endOfItems(context, step, units);
  const [only] = units;
  if (only === undefined) return skipped("nothing to do");
  const { outcome, reason } = only.attempt;
  const value = { outcome, outputs: outputsOf(context, only.attempt) };
  return hasFailed(only.attempt)
    ? ended(failure(`${outcome ?? "failed"}: ${reason}`, value, 0))
    : checkedEnd(context, step, { result: "done", value, failedItems: 0, reason });
}

function endOfItems(
  context: RunContext,
  step: AgentStep,
  units: readonly FinishedUnit[],
): StepPlan {
  const value = { items: units.map((unit) => itemValue(context, unit)) };
  const failed = units.filter(({ attempt }) => hasFailed(attempt));
  const [first] = failed;
  if (first !== undefined && failed.length === units.length) {
    const { outcome, reason } = first.attempt;
    const how = reason === "" ? outcome : `${outcome ?? ""}: ${reason}`;
    return ended(failure(`every item failed; first: ${how ?? ""}`, value, 0));
  }
  const reason = failed.length === 0 ? "" : `${failed.length} of ${units.length} items failed`;
  return checkedEnd(context, step, { result: "done", value, failedItems: failed.length, reason });
}

/** A step whose outputs are cited but not here cannot be used yet. */
function checkedEnd(context: RunContext, step: AgentStep, end: StepEnd): StepPlan {
  const missing = context.run.attempts.find(
    (attempt) =>
      attempt.step === step.id &&
      attempt.outputs !== null &&
      !context.run.values.has(attempt.outputs.digest),
  );
  if (missing === undefined) return ended(end);
  const why = `the outputs of ${step.id} are not in this clone`;
  return held(
    stepHold(context, step.id, {
      reason: "payload-missing",
      why,
      unblock: `git fetch origin '${RUNNER_BRANCHES}*:${RUNNER_BRANCHES}*'`,
    }),
  );
}

function itemValue(context: RunContext, { unit, attempt }: FinishedUnit): object {
  const receipt = attempt.effect?.receipt;
  return {
    key: unit.item,
    input: unit.itemInput,
    outcome: attempt.outcome,
    outputs: outputsOf(context, attempt),
    ...(receipt === undefined ? {} : { receipt }),
  };
}

function outputsOf(context: RunContext, attempt: AttemptRecord): unknown {
  return attempt.outputs === null ? null : (context.run.values.get(attempt.outputs.digest) ?? null);
}

function hasFailed(attempt: AttemptRecord): boolean {
  return attempt.outcome !== "succeeded" && attempt.outcome !== "noop";
}

function failure(reason: string, value: unknown, failedItems: number): StepEnd {
  return { result: "failed", value, failedItems, reason };
}
