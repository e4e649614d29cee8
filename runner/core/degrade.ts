/** Where a step begins on its agent's ladder, and why not at the top. */
import type { Hold, LadderStart } from "./action.ts";
import { type BudgetFacts, type Cap, nextWindowOf, standingOf } from "#runner/core/money/budget.ts";
import { rungsOf } from "#runner/core/money/demand.ts";
import { rungName } from "./rung-name.ts";
import { evaluateCondition } from "#runner/core/expression/evaluate.ts";
import { earliest } from "#runner/core/time/instant.ts";
import { worstLevel } from "./slo.ts";
import { agentLevels, pipelineLevels } from "./slo-words.ts";
import { type RunContext, stepHold } from "./step-plan.ts";
import type { UnitOfWork } from "./unit-action.ts";
import { lastAttempt } from "./unit-history.ts";

export type Beginning =
  | { readonly kind: "top" }
  | { readonly kind: "below"; readonly ladder: LadderStart }
  | { readonly kind: "held"; readonly hold: Hold };

export interface Pressed {
  readonly facts: BudgetFacts;
  readonly caps: readonly Cap[];
}

/** By the first rule of the step whose condition holds; what has begun outside is brought to its end as it began. */
export function beginningOf(context: RunContext, unit: UnitOfWork, pressed: Pressed): Beginning {
  const { step, agent } = unit;
  const rules = step.degrade ?? [];
  if (rules.length === 0) return { kind: "top" };
  const scope = scopeOf(context, unit, pressed);
  for (const { when, use } of rules) {
    const met = evaluateCondition(when, scope);
    if (!met.ok) return held(context, step.id, { reason: "expression", why: met.reason });
    if (!met.value) continue;
    const why = `${when} (${factWords(scope)})`;
    if (use === "park") {
      const until = earliest(pressed.caps.map((cap) => nextWindowOf(pressed.facts, cap)));
      const unblock = `change degrade of step ${step.id}, or what it looks at`;
      return held(context, step.id, {
        reason: "parked",
        why: `it waits, for ${why}`,
        unblock,
        until,
      });
    }
    const from = 1 + Number(use.slice("fallback[".length, -1));
    const rung = rungsOf(agent)[from];
    if (rung !== undefined) {
      return { kind: "below", ladder: { from, rung: rungName(rung), why } };
    }
  }
  return { kind: "top" };
}

function held(context: RunContext, step: string, facts: Parameters<typeof stepHold>[2]): Beginning {
  return { kind: "held", hold: stepHold(context, step, facts) };
}

/** What the conditions of `degrade` see (docs/expressions.md). */
interface DegradeScope {
  readonly [name: string]: unknown;
  readonly budget: { readonly used: number };
  readonly slo: { readonly missed: boolean; readonly latency: string; readonly success: string };
  readonly outcome: string;
}

function scopeOf(
  context: RunContext,
  { step, agent, item }: UnitOfWork,
  pressed: Pressed,
): DegradeScope {
  const { facts, caps } = pressed;
  const { record, pipeline: version } = context.run;
  const shares = caps.map((cap) => {
    const { taken, reserved } = standingOf(facts, cap, record.id);
    return cap.limit === 0 ? 1 : (taken + reserved) / cap.limit;
  });
  const { project, pipeline } = record;
  const levels = [
    agentLevels(agent, context.observed),
    pipelineLevels({ project, pipeline, slo: version.slo }, context.observed),
  ];
  const latency = worstLevel(levels.map((level) => level.latency));
  const success = worstLevel(levels.map((level) => level.success));
  return {
    budget: { used: Math.max(0, ...shares) },
    slo: { missed: latency === "missed" || success === "missed", latency, success },
    outcome: lastAttempt(context.run, { step: step.id, item })?.outcome ?? "",
  };
}

function factWords({ budget, slo, outcome }: DegradeScope): string {
  const used = `${Math.floor(budget.used * 100)} % of the tightest cap is used`;
  const levels = slo.missed ? [`slo: latency ${slo.latency}, success ${slo.success}`] : [];
  const last = outcome === "" ? [] : [`the last attempt ended ${outcome}`];
  return [used, ...levels, ...last].join("; ");
}
