/** Counted caps on external effects, per agent and calendar window. */
import { localDay, windowFirstDay } from "./calendar.ts";
import type { Hold, Observed } from "./model.ts";
import { timezoneOf } from "./run-scope.ts";
import { stepHold, type RunContext } from "./step-plan.ts";
import type { UnitOfWork } from "./unit-plan.ts";

/** Effects that this plan adds already, by agent; counted so that one plan cannot exceed a cap. */
export type EffectLimits = Map<string, number>;

/** The hold when one more effect would exceed a cap; otherwise books it in `context.effectLimits`. */
export function effectLimitHold(context: RunContext, unit: UnitOfWork): Hold | null {
  const { agent } = unit;
  const planned = context.effectLimits.get(agent.name) ?? 0;
  const full = (agent.manifest.effectLimits ?? []).find(
    (limit) => countInWindow(context, agent.name, limit.per) + planned >= limit.count,
  );
  if (full !== undefined) {
    const why = `${agent.name} may act ${full.count} times a ${full.per}, and has`;
    const unblock = `wait for the next ${full.per}, or raise effectLimits in agents/${agent.name}/agent.yaml`;
    return stepHold(context, unit.step.id, { reason: "effect-limit", why, unblock });
  }
  context.effectLimits.set(agent.name, planned + 1);
  return null;
}

function countInWindow(
  context: { readonly observed: Observed; readonly workspace: RunContext["workspace"]; readonly now: string },
  agent: string,
  per: "day" | "week" | "month" | "total",
): number {
  const effects = context.observed.summaries.workspace.effects[agent] ?? [];
  if (per === "total") return effects.length;
  const timezone = timezoneOf(context.workspace.settings);
  const firstDay = windowFirstDay(localDay(context.now, timezone), per);
  return effects.filter((at) => localDay(at, timezone) >= firstDay).length;
}
