/** One unit of work: an agent step, or one item of it. */
import { isJsonObject } from "./json-object.ts";
import { keptResult } from "./earlier-run.ts";
import { receiptsOf, recordAt } from "./effect-record.ts";
import { planEffect, wantingReceipt } from "./effect-step-plan.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import type { Hold } from "./action.ts";
import { windowHold } from "./step-window.ts";
import { withGrant } from "#runner/core/money/grant-plan.ts";
import { keyText } from "./identifier.ts";
import { dueAt, retryBudget } from "./retry.ts";
import { repeatVerdict } from "./repeat.ts";
import { adopt, startOf, type Started, type UnitOfWork } from "./unit-action.ts";
import { isRetry, lastAttempt, retriesAtWork, retriesLeft } from "./unit-history.ts";
import { itemScope } from "./step-items.ts";
import { unitKey, unitPrefix } from "./parallel.ts";
import {
  acting,
  held,
  stepHold,
  together,
  wanting,
  type RunContext,
  type StepPlan,
} from "./step-plan.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

/** The attempt that ended the unit; undefined while there is none. */
export function finalAttempt(context: RunContext, unit: UnitOfWork): AttemptRecord | undefined {
  const last = lastAttemptOf(context, unit);
  if (last === undefined || last.outcome === null) return undefined;
  if (dueAt(last) === null) {
    return repeatVerdict(context.run, unit, last).kind === "over" ? last : undefined;
  }
  if (!isBudgeted(context, unit) || retriesLeft(context.run) > 0) return undefined;
  const budget = retryBudget(context.run.pipeline);
  const reason = `${last.reason}; no further attempt: the ${budget} of maxRetries are used up`;
  return { ...last, reason };
}

/** An external effect is brought to its end as its own step says: none is left half-way for want of attempts. */
function isBudgeted({ run }: RunContext, { step, item }: UnitOfWork): boolean {
  return step.once === undefined && isRetry(run, { step: step.id, item });
}

function lastAttemptOf({ run }: RunContext, { step, item }: UnitOfWork): AttemptRecord | undefined {
  return lastAttempt(run, { step: step.id, item });
}

/** Whether the unit runs now, or stopped half-way in a manner that only its next attempt can settle. */
export function hasBegun(context: RunContext, unit: UnitOfWork): boolean {
  return (
    isWorking(context, unit) ||
    (unit.step.once !== undefined && lastAttemptOf(context, unit) !== undefined)
  );
}

export function isWorking(context: RunContext, unit: UnitOfWork): boolean {
  const { id: run } = context.run.record;
  return context.observed.working.has(unitKey({ run, step: unit.step.id, item: unit.item }));
}

/** How many units of a step run now. */
export function workingOn({ observed, run }: RunContext, step: string): number {
  const prefix = unitPrefix(run.record.id, step);
  return [...observed.working].filter((key) => key.startsWith(prefix)).length;
}

/** The next action of a unit that is not over. */
export function planUnit(context: RunContext, unit: UnitOfWork): StepPlan {
  if (isWorking(context, unit)) return together([]);
  const last = lastAttemptOf(context, unit);
  const hold = laterHold(context, unit, last) ?? retryHold(context, unit);
  if (hold !== null && !context.isCalledOff) return held(hold);
  const repeated = last === undefined ? null : planRepeat(context, unit, last);
  if (repeated !== null) return repeated;
  const inputs = evaluateValue(unit.step.with ?? {}, itemScope(unit.scope, unit));
  if (!inputs.ok) return expressionHold(context, unit, inputs.reason);
  if (!isJsonObject(inputs.value)) return expressionHold(context, unit, "`with` is not a map");
  return planStart(context, unit, { last, inputs: inputs.value });
}

/** null when the unit goes on: with its next iteration, or with another attempt at this one. */
function planRepeat(context: RunContext, unit: UnitOfWork, last: AttemptRecord): StepPlan | null {
  const verdict = repeatVerdict(context.run, unit, last);
  switch (verdict.kind) {
    case "over":
    case "again":
      return null;
    case "exhausted": {
      const { reason, iteration } = verdict;
      const ended = { last, inputs: {}, effect: null, outcome: "no-progress", reason } as const;
      return acting({ ...adopt(context, unit, ended), iteration });
    }
    case "unknown":
      return held(stepHold(context, unit.step.id, verdict));
  }
}

/** A failure that may pass is not tried again before its time. */
function laterHold(
  context: RunContext,
  unit: UnitOfWork,
  last: AttemptRecord | undefined,
): Hold | null {
  const until = last === undefined ? null : dueAt(last);
  if (last === undefined || until === null || until <= context.now) return null;
  const why = `attempt ${last.attempt} ended ${last.outcome ?? "without an outcome"}: ${last.reason}`;
  const reason = last.resumeAt === undefined ? "retry-wait" : "rate-limited";
  return stepHold(context, unit.step.id, { reason, why, until });
}

/** The last of the run's further attempts may be under way: what comes of them decides whether there is one more. */
function retryHold(context: RunContext, unit: UnitOfWork): Hold | null {
  if (!isBudgeted(context, unit)) return null;
  const { run, observed, planned } = context;
  const { id } = run.record;
  const taken = planned.retries.get(id) ?? retriesAtWork(run, observed.working);
  if (taken < retriesLeft(run)) {
    planned.retries.set(id, taken + 1);
    return null;
  }
  const why = `the last of the ${retryBudget(run.pipeline)} further attempts of the run are being made`;
  return stepHold(context, unit.step.id, { reason: "retry-wait", why });
}

function planStart(context: RunContext, unit: UnitOfWork, started: Started): StepPlan {
  const { once } = unit.step;
  if (once === undefined) return planFree(context, unit, started);
  const onceKey = evaluateValue(once.key, itemScope(unit.scope, unit));
  if (!onceKey.ok) return expressionHold(context, unit, onceKey.reason);
  const name = keyText(onceKey.value);
  if (name === null) return expressionHold(context, unit, "once.key must give a text or a number");
  const found =
    unit.undoBase === undefined
      ? receiptsOf(context, unit.agent, name)
      : recordAt(context, unit.undoBase);
  if ("wants" in found) return together(found.wants.map(wantingReceipt));
  return planEffect(context, unit, { ...started, ...found, name, once });
}

/** Without an effect: a result that stands there already, else an execution. */
function planFree(context: RunContext, unit: UnitOfWork, started: Started): StepPlan {
  const { run, failure } = context;
  // Another failure is told anew, though it may be for the same reason.
  const isFirst = started.last === undefined && failure === undefined;
  const kept = isFirst ? keptResult(run, unit, started.inputs) : undefined;
  if (kept === undefined) {
    return isFirst && unit.step.cache === true
      ? planCached(context, unit, started)
      : beginFree(context, unit, started);
  }
  const reason = `taken over from ${kept.run}, which did the same`;
  const outcome = kept.outcome === "noop" ? "noop" : "succeeded";
  return acting({ ...adopt(context, unit, { ...started, effect: null, outcome, reason }), kept });
}

function beginFree(context: RunContext, unit: UnitOfWork, started: Started): StepPlan {
  const closed = windowHold(context, unit);
  if (closed !== null) return held(closed);
  return withGrant(context, unit, startOf(context, unit, { ...started, effect: null }));
}

function planCached(context: RunContext, unit: UnitOfWork, started: Started): StepPlan {
  const { step, item, agent } = unit;
  const { id: run } = context.run.record;
  const cached = context.observed.cached.get(unitKey({ run, step: step.id, item }));
  if (cached === undefined) {
    const { inputs } = started;
    return wanting({ kind: "cached", run, step: step.id, item, agent: agent.name, inputs });
  }
  if (cached === null) return beginFree(context, unit, started);
  const reason = `taken over from ${cached.record.run}, which was given the same`;
  const outcome = "succeeded";
  return acting({ ...adopt(context, unit, { ...started, effect: null, outcome, reason }), cached });
}

function expressionHold(context: RunContext, unit: UnitOfWork, why: string): StepPlan {
  const where = unit.item === null ? "" : ` (item ${unit.item})`;
  return held(stepHold(context, unit.step.id, { reason: "expression", why: `${why}${where}` }));
}
