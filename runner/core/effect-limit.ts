/** Caps on external effects, counted or summed, per agent and calendar window. */
import { microsOf } from "#runner/core/money/amount.ts";
import { entryOf } from "./entry.ts";
import { countInWindow, inWindow, nextWindow } from "#runner/core/time/calendar.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import type { Hold } from "./action.ts";
import type { AgentVersion } from "./model.ts";
import { timezoneOf } from "./run-scope.ts";
import { stepHold, type RunContext } from "./step-plan.ts";
import { unacceptedHold } from "./unaccepted-main.ts";
import type { UnitOfWork } from "./unit-action.ts";
import type { EffectLimit } from "#runner/schema/types.gen.ts";

/** What an effect comes to, by unit, in millionths. */
export type EffectSums = Readonly<Record<string, number>>;

/** A limit that sums. */
export type SumLimit = EffectLimit & Required<Pick<EffectLimit, "sum" | "max" | "unit">>;

export type Limited =
  | { readonly ok: true; readonly sums: EffectSums }
  | { readonly ok: false; readonly hold: Hold };

/** The hold when one more effect would exceed a cap; otherwise counts it as planned. */
export function limitEffect(
  context: RunContext,
  unit: UnitOfWork,
  inputs: Readonly<Record<string, unknown>>,
): Limited {
  const unaccepted = unacceptedHold(context, unit.step.id);
  if (unaccepted !== null) return { ok: false, hold: unaccepted };
  const { name } = unit.agent;
  const limits = limitsOf(context, unit.agent);
  const found = sumsOf(limits, inputs);
  if (!found.ok) {
    const { why } = found;
    return { ok: false, hold: stepHold(context, unit.step.id, { reason: "expression", why }) };
  }
  const { sums } = found;
  const full = limits.find((limit) => isFull(context, name, { limit, sums }));
  if (full !== undefined)
    return { ok: false, hold: fullHold(context, unit, { limit: full, sums }) };
  const { effectCounts, effectSums } = context.planned;
  effectCounts.set(name, (effectCounts.get(name) ?? 0) + 1);
  for (const [of, micros] of Object.entries(sums)) {
    const key = sumKey(name, of);
    effectSums.set(key, (effectSums.get(key) ?? 0) + micros);
  }
  return { ok: true, sums };
}

export function isSumLimit(limit: EffectLimit): limit is SumLimit {
  return limit.sum !== undefined && limit.max !== undefined && limit.unit !== undefined;
}

type Sums =
  | { readonly ok: true; readonly sums: EffectSums }
  | { readonly ok: false; readonly why: string };

/** Where several limits sum the same unit, the dearest of what they say counts for all. */
export function sumsOf(
  limits: readonly EffectLimit[],
  inputs: Readonly<Record<string, unknown>>,
): Sums {
  const sums = new Map<string, number>();
  for (const { sum, unit } of limits.filter(isSumLimit)) {
    const result = evaluateValue(sum, { inputs });
    if (!result.ok) return { ok: false, why: `effectLimits: ${result.reason}` };
    const micros = microsIn(result.value);
    if (micros === null) {
      const why = `effectLimits: ${sum} must come to a number of ${unit} that is not negative`;
      return { ok: false, why };
    }
    sums.set(unit, Math.max(sums.get(unit) ?? 0, micros));
  }
  return { ok: true, sums: Object.fromEntries(sums) };
}

/** Whole millionths, rounded up; null for what is no amount. */
function microsIn(value: unknown): number | null {
  const amount = typeof value === "bigint" ? Number(value) : value;
  if (typeof amount !== "number" || !(amount >= 0)) return null;
  const micros = Math.ceil(Number((amount * 1_000_000).toFixed(3)));
  return Number.isSafeInteger(micros) ? micros : null;
}

interface Asked {
  readonly limit: EffectLimit;
  readonly sums: EffectSums;
}

function isFull(context: RunContext, agent: string, { limit, sums }: Asked): boolean {
  if (isSumLimit(limit)) {
    const wanted = entryOf(sums, limit.unit) ?? 0;
    return usedSum(context, agent, limit) + wanted > microsOf(limit.max);
  }
  // A limit that says nothing permits nothing; validation refuses it.
  const planned = context.planned.effectCounts.get(agent) ?? 0;
  return countOf(context, agent, limit.per) + planned >= (limit.count ?? 0);
}

/** With what this plan adds already. */
function usedSum(context: RunContext, agent: string, limit: SumLimit): number {
  const planned = context.planned.effectSums.get(sumKey(agent, limit.unit)) ?? 0;
  return sumOf(context, agent, limit) + planned;
}

function sumKey(agent: string, unit: string): string {
  return `${agent} ${unit}`;
}

function fullHold(context: RunContext, unit: UnitOfWork, { limit, sums }: Asked): Hold {
  const { agent, step } = unit;
  const { per } = limit;
  const timezone = timezoneOf(context.workspace.settings);
  const why = isSumLimit(limit)
    ? sumWords(context, unit, { limit, sums })
    : `${agent.name} may act ${limit.count ?? 0} times a ${per}, and has acted that often`;
  return stepHold(context, step.id, {
    reason: "effect-limit",
    why,
    unblock: `wait for the next ${per}, or raise effectLimits in agents/${agent.name}/agent.yaml`,
    until: nextWindow(context.now, { per, timezone }),
  });
}

/** `payer may act on 100 EUR a day: 60 EUR are used, and this one (INV-7) comes to 50 EUR`. */
function sumWords(
  context: RunContext,
  { agent, item }: UnitOfWork,
  { limit, sums }: Asked & { readonly limit: SumLimit },
): string {
  const { max, unit, per } = limit;
  const amount = (micros: number): string => `${micros / 1_000_000} ${unit}`;
  const used = amount(usedSum(context, agent.name, limit));
  const one = item === null ? "this one" : `this one (${item})`;
  return `${agent.name} may act on ${max} ${unit} a ${per}: ${used} are used, and ${one} comes to ${amount(entryOf(sums, unit) ?? 0)}`;
}

/** Caps of the version that the run is pinned to and of the one in force now: the stricter holds. */
export function limitsOf(context: RunContext, agent: AgentVersion): readonly EffectLimit[] {
  const project = context.workspace.projects.get(context.run.record.project);
  const current = project?.agents.get(agent.name)?.manifest.effectLimits ?? [];
  return [...(agent.manifest.effectLimits ?? []), ...current];
}

function countOf(context: RunContext, agent: string, per: EffectLimit["per"]): number {
  const effects = entryOf(context.observed.summaries.workspace.effects, agent) ?? [];
  const timezone = timezoneOf(context.workspace.settings);
  return countInWindow(effects, context.now, { per, timezone });
}

function sumOf(context: RunContext, agent: string, { per, unit }: SumLimit): number {
  const { effectSums } = context.observed.summaries.workspace;
  const timezone = timezoneOf(context.workspace.settings);
  const isIn = inWindow(context.now, { per, timezone });
  return (entryOf(entryOf(effectSums, agent), unit) ?? [])
    .filter(({ at }) => isIn(at))
    .reduce((sum, { micros }) => sum + micros, 0);
}
