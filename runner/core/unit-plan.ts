/** One unit of work: an agent step, or one item of it. */
import { durationMs } from "./duration.ts";
import { decideEffect, effectBase, effectPlan } from "./effect.ts";
import { effectLimitHold } from "./effect-limit.ts";
import { evaluateValue } from "./evaluate.ts";
import { forecastOf } from "./forecast.ts";
import type { AgentVersion, EffectPlan, StepAdopt, StepStart } from "./model.ts";
import { attemptLimit, isFinal } from "./retry.ts";
import type { Scope } from "./run-scope.ts";
import { unitKey } from "./parallel.ts";
import { acting, held, stepHold, together, wanting, type RunContext, type StepPlan } from "./step-plan.ts";
import type { AgentStep, AttemptRecord } from "#runner/schema/types.gen.ts";

/** A step, or one item of it, with what its expressions see. */
export interface UnitOfWork {
  readonly step: AgentStep;
  readonly agent: AgentVersion;
  readonly item: string | null;
  readonly itemInput?: unknown;
  readonly scope: Scope;
}

/** The attempt that ended the unit; undefined while there is none. */
export function finalAttempt(context: RunContext, unit: UnitOfWork): AttemptRecord | undefined {
  const last = lastAttempt(context, unit);
  if (last === undefined || last.state === "intended") return undefined;
  return isFinal(last, attemptLimit(context.run.pipeline, unit.step.id)) ? last : undefined;
}

function lastAttempt(context: RunContext, unit: UnitOfWork): AttemptRecord | undefined {
  return context.run.attempts.findLast(
    (attempt) => attempt.step === unit.step.id && attempt.item === unit.item,
  );
}

/** The next action of a unit that is not over. */
export function planUnit(context: RunContext, unit: UnitOfWork): StepPlan {
  const key = unitKey({ run: context.run.record.id, step: unit.step.id, item: unit.item });
  if (context.observed.working.has(key)) return together([]);
  const last = lastAttempt(context, unit);
  if (last?.retryAt !== undefined && last.retryAt > context.now) {
    const facts = {
      reason: last.outcome === "rate-limited" ? "rate-limited" : "retry-wait",
      why: `attempt ${last.attempt} ended ${last.outcome ?? "without an outcome"}: ${last.reason}`,
      until: last.retryAt,
    } as const;
    return held(stepHold(context, unit.step.id, facts));
  }
  const inputs = evaluateValue(unit.step.with ?? {}, unit.scope);
  if (!inputs.ok) return expressionHold(context, unit, inputs.reason);
  const started: Started = { last, inputs: inputs.value as Readonly<Record<string, unknown>> };
  return unit.step.once === undefined
    ? acting(startOf(context, unit, { ...started, effect: null }))
    : planEffect(context, unit, started);
}

interface Started {
  readonly last: AttemptRecord | undefined;
  readonly inputs: Readonly<Record<string, unknown>>;
}

function planEffect(context: RunContext, unit: UnitOfWork, started: Started): StepPlan {
  const { once } = unit.step;
  if (once === undefined) return acting(startOf(context, unit, { ...started, effect: null }));
  const onceKey = evaluateValue(once.key, unit.scope);
  if (!onceKey.ok) return expressionHold(context, unit, onceKey.reason);
  const name = String(onceKey.value);
  const base = effectBase(context.run.record.project, unit.agent.name, name);
  const record = context.observed.receipts.get(base);
  if (record === undefined) return wanting({ kind: "receipt", base });
  const owner = { run: context.run.record.id, step: unit.step.id, item: unit.item };
  const decision = decideEffect(record, once, { now: context.now, owner });
  switch (decision.kind) {
    case "do":
      return limited(context, unit, {
        ...started,
        effect: effectPlan(base, name, decision.ordinal),
      });
    case "resume":
      return resume(context, unit, {
        ...started,
        effect: effectPlan(base, name, decision.ordinal),
      });
    case "wait":
      return held(
        stepHold(context, unit.step.id, {
          reason: decision.receipt.state === "uncertain" ? "uncertain-effect" : "dependency-not-ready",
          why: `${name}: ${decision.why}`,
        }),
      );
    case "done": {
      const { receipt } = decision.receipt;
      const effect = {
        ...effectPlan(base, name, decision.receipt.ordinal),
        ...(receipt === undefined ? {} : { receipt }),
      };
      return acting(adopt(context, unit, { ...started, effect, outcome: "noop", reason: decision.why }));
    }
  }
}

function limited(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan },
): StepPlan {
  const hold = effectLimitHold(context, unit);
  return hold === null ? acting(startOf(context, unit, start)) : held(hold);
}

/** An intent stands without an outcome: the process died in between. */
function resume(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan },
): StepPlan {
  if (unit.agent.manifest.idempotency === "native") {
    return acting({ ...startOf(context, unit, start), resume: true });
  }
  const reason = "the runner stopped between the intent and the receipt";
  return acting(adopt(context, unit, { ...start, outcome: "uncertain", reason }));
}

function startOf(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan | null },
): StepStart {
  return {
    kind: "step-start",
    ...common(context, unit, start),
    because: becauseOf(unit, start.last),
    timeoutMs: timeoutMs(unit),
    effect: start.effect,
    resume: false,
    forecast: forecastOf(context.observed.summaries.stats, unit.agent),
  };
}

function adopt(
  context: RunContext,
  unit: UnitOfWork,
  result: Started & Pick<StepAdopt, "effect" | "outcome" | "reason">,
): StepAdopt {
  const { effect, outcome, reason } = result;
  return { kind: "step-adopt", ...common(context, unit, result), because: reason, effect, outcome, reason };
}

function common(
  context: RunContext,
  unit: UnitOfWork,
  started: Started,
): Pick<StepStart, "project" | "run" | "step" | "item" | "itemInput" | "attempt" | "agent" | "inputs"> {
  const { last, inputs } = started;
  return {
    project: context.run.record.project,
    run: context.run.record.id,
    step: unit.step.id,
    item: unit.item,
    ...(unit.item === null ? {} : { itemInput: unit.itemInput }),
    attempt: last === undefined ? 1 : last.attempt + (last.state === "intended" ? 0 : 1),
    agent: unit.agent.name,
    inputs,
  };
}

function becauseOf(unit: UnitOfWork, last: AttemptRecord | undefined): string {
  if (last !== undefined) return `attempt ${last.attempt} ended ${last.outcome ?? "without an outcome"}`;
  return unit.item === null ? "everything it needs is there" : `item ${unit.item} is ready`;
}

function timeoutMs(unit: UnitOfWork): number {
  const wall = durationMs(unit.agent.manifest.limits.wall);
  return unit.step.timeout === undefined ? wall : Math.min(wall, durationMs(unit.step.timeout));
}

function expressionHold(context: RunContext, unit: UnitOfWork, why: string): StepPlan {
  const where = unit.item === null ? "" : ` (item ${unit.item})`;
  return held(stepHold(context, unit.step.id, { reason: "expression", why: `${why}${where}` }));
}
