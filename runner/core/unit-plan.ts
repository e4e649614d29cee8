/** One unit of work: an agent step, or one item of it. */
import { decideEffect, effectPlan, stricterOnce, undoBase } from "./effect.ts";
import { keptResult } from "./earlier-run.ts";
import { receiptsOf, recordAt } from "./effect-record.ts";
import { limitEffect } from "./effect-limit.ts";
import { evaluateValue } from "./evaluate.ts";
import type { EffectPlan, Hold } from "./action.ts";
import { withGrant } from "./grant-plan.ts";
import { keyText } from "./identifier.ts";
import { dueAt, retryBudget } from "./retry.ts";
import type { Scope } from "./run-scope.ts";
import { repeatVerdict } from "./repeat.ts";
import { adopt, startOf, type Started, type UnitOfWork } from "./unit-action.ts";
import { isAgentStep, stepNamed } from "./step-graph.ts";
import { isRetry, lastAttempt, retriesAtWork, retriesLeft } from "./unit-history.ts";
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
import type { AttemptRecord, Once, Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

/** What the unit's expressions see. */
function scopeOf({ scope, item, itemInput }: UnitOfWork): Scope {
  return item === null ? scope : { ...scope, item: itemInput };
}

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
  const inputs = evaluateValue(unit.step.with ?? {}, scopeOf(unit));
  if (!inputs.ok) return expressionHold(context, unit, inputs.reason);
  if (!isInputs(inputs.value)) return expressionHold(context, unit, "`with` is not a map");
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

function isInputs(value: unknown): value is Started["inputs"] {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function planStart(context: RunContext, unit: UnitOfWork, started: Started): StepPlan {
  const { once } = unit.step;
  if (once === undefined) return planFree(context, unit, started);
  const onceKey = evaluateValue(once.key, scopeOf(unit));
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
      : withGrant(context, unit, startOf(context, unit, { ...started, effect: null }));
  }
  const reason = `taken over from ${kept.run}, which did the same`;
  const outcome = kept.outcome === "noop" ? "noop" : "succeeded";
  return acting({ ...adopt(context, unit, { ...started, effect: null, outcome, reason }), kept });
}

function planCached(context: RunContext, unit: UnitOfWork, started: Started): StepPlan {
  const { step, item, agent } = unit;
  const { id: run } = context.run.record;
  const cached = context.observed.cached.get(unitKey({ run, step: step.id, item }));
  if (cached === undefined) {
    const { inputs } = started;
    return wanting({ kind: "cached", run, step: step.id, item, agent: agent.name, inputs });
  }
  if (cached === null)
    return withGrant(context, unit, startOf(context, unit, { ...started, effect: null }));
  const reason = `taken over from ${cached.record.run}, which was given the same`;
  const outcome = "succeeded";
  return acting({ ...adopt(context, unit, { ...started, effect: null, outcome, reason }), cached });
}

interface Effect extends Started {
  readonly name: string;
  readonly base: string;
  readonly once: Once;
  readonly record: ReceiptRecord | null;
}

function planEffect(context: RunContext, unit: UnitOfWork, start: Effect): StepPlan {
  const { name, base, record } = start;
  const once = stricterOnce(start.once, onceInForce(context, unit.step.id));
  const owner = { run: context.run.record.id, step: unit.step.id, item: unit.item };
  const decision = decideEffect(record, once, { now: context.now, owner });
  switch (decision.kind) {
    case "do":
      return withinLimits(context, unit, {
        ...start,
        effect: effectPlan(base, name, decision.ordinal),
      });
    case "resume": {
      const { ordinal, runner } = decision;
      return resume(context, unit, { ...start, runner, effect: effectPlan(base, name, ordinal) });
    }
    case "wait":
      return waiting(context, unit, { name, receipt: decision.receipt });
    case "done":
      return planDone(context, unit, { ...start, ...decision });
  }
}

/** What the step's newest version allows; undefined where it is gone, or is no effect any more. */
function onceInForce({ workspace, run: { record } }: RunContext, id: string): Once | undefined {
  const version = workspace.projects.get(record.project)?.pipelines.get(record.pipeline);
  const step = version === undefined ? undefined : stepNamed(version, id);
  return step !== undefined && isAgentStep(step) ? step.once : undefined;
}

/** What was done and undone again does not stand any more, and is not done again by itself. */
function planDone(
  context: RunContext,
  unit: UnitOfWork,
  done: Effect & { readonly receipt: Receipt; readonly why: string },
): StepPlan {
  const { name, base, record, receipt, why: reason } = done;
  const effect = effectPlan(record?.base ?? base, name, receipt.ordinal);
  const undoing = recordAt(context, undoBase(effect));
  if ("wants" in undoing) return together(undoing.wants.map(wantingReceipt));
  const undone = undoing.record?.receipts.at(-1);
  switch (undone?.state) {
    case undefined: {
      const left = receipt.receipt === undefined ? {} : { receipt: receipt.receipt };
      const stands = { ...effectPlan(base, name, receipt.ordinal), ...left };
      return acting(adopt(context, unit, { ...done, effect: stands, outcome: "noop", reason }));
    }
    case "intended":
    case "uncertain":
      return waiting(context, unit, { name: undoing.record?.onceKey ?? name, receipt: undone });
    case "happened": {
      const day = undone.at.slice(0, 10);
      const why = `${name} was undone on ${day} and is not done again by itself (${reason}); another once.key does it`;
      return acting(
        adopt(context, unit, { ...done, effect: null, outcome: "permission-denied", reason: why }),
      );
    }
  }
}

function wantingReceipt(base: string): StepPlan {
  return wanting({ kind: "receipt", base });
}

interface Occupied {
  readonly name: string;
  readonly receipt: Receipt;
}

/** Somebody else is doing it, or nobody knows whether it was done. */
function waiting(context: RunContext, unit: UnitOfWork, { name, receipt }: Occupied): StepPlan {
  const { run, state } = receipt;
  const isDoing = state === "intended" && context.observed.runs.has(run);
  const facts = isDoing
    ? { reason: "dependency-not-ready" as const, why: `${name}: run ${run} is doing it` }
    : {
        reason: "uncertain-effect" as const,
        why: `${name}: nobody knows whether it happened in ${run}`,
      };
  return held(stepHold(context, unit.step.id, facts));
}

/** Two units of one plan may ask for the same effect: the first does it, the other waits for its receipt. */
function withinLimits(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan },
): StepPlan {
  const { base, onceKey } = start.effect;
  if (context.planned.effects.has(base)) {
    const why = `${onceKey}: another step is about to do it`;
    return held(stepHold(context, unit.step.id, { reason: "dependency-not-ready", why }));
  }
  const limited = limitEffect(context, unit, start.inputs);
  if (!limited.ok) return held(limited.hold);
  context.planned.effects.add(base);
  const { sums } = limited;
  const summed = Object.keys(sums).length === 0 ? {} : { sums };
  return withGrant(context, unit, { ...startOf(context, unit, start), ...summed });
}

/**
 * An intent stands without an outcome: the process died in between, or another runner has been silent for too long. The
 * agent is asked again under the same key where that is safe (`native`), or where it looks first whether it happened
 * (`probe`). Another runner may only be slow, and do it in the next moment: then the agent is only asked.
 */
function resume(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan; readonly runner: string | null },
): StepPlan {
  const { runner, ...started } = start;
  const isOwn = runner === null || runner === context.observed.self;
  switch (unit.agent.manifest.idempotency ?? "none") {
    case "native":
      return withGrant(context, unit, { ...startOf(context, unit, started), resume: true });
    case "probe": {
      const again = { ...startOf(context, unit, started), resume: true };
      return withGrant(context, unit, isOwn ? again : { ...again, askOnly: true });
    }
    case "none": {
      const reason = "the runner stopped between the intent and the receipt";
      return acting(adopt(context, unit, { ...started, outcome: "uncertain", reason }));
    }
  }
}

function expressionHold(context: RunContext, unit: UnitOfWork, why: string): StepPlan {
  const where = unit.item === null ? "" : ` (item ${unit.item})`;
  return held(stepHold(context, unit.step.id, { reason: "expression", why: `${why}${where}` }));
}
