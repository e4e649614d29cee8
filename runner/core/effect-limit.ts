/** Counted caps on external effects, per agent and calendar window. */
import { entryOf } from "./entry.ts";
import { countInWindow, nextWindow } from "./calendar.ts";
import type { Hold } from "./action.ts";
import type { AgentVersion } from "./model.ts";
import { timezoneOf } from "./run-scope.ts";
import { stepHold, type RunContext } from "./step-plan.ts";
import type { UnitOfWork } from "./unit-action.ts";
import type { EffectLimit } from "#runner/schema/types.gen.ts";

/** The hold when one more effect would exceed a cap; otherwise counts it as planned. */
export function effectLimitHold(context: RunContext, unit: UnitOfWork): Hold | null {
  const { effectCounts } = context.planned;
  const { name } = unit.agent;
  const planned = effectCounts.get(name) ?? 0;
  const full = limitsOf(context, unit.agent).find(
    ({ per, count }) => countOf(context, name, per) + planned >= count,
  );
  if (full === undefined) {
    effectCounts.set(name, planned + 1);
    return null;
  }
  const timezone = timezoneOf(context.workspace.settings);
  return stepHold(context, unit.step.id, {
    reason: "effect-limit",
    why: `${name} may act ${full.count} times a ${full.per}, and has`,
    unblock: `wait for the next ${full.per}, or raise effectLimits in agents/${name}/agent.yaml`,
    until: nextWindow(context.now, { per: full.per, timezone }),
  });
}

/** Caps of the version that the run is pinned to and of the one in force now: the stricter holds. */
function limitsOf(context: RunContext, agent: AgentVersion): readonly EffectLimit[] {
  const project = context.workspace.projects.get(context.run.record.project);
  const current = project?.agents.get(agent.name)?.manifest.effectLimits ?? [];
  return [...(agent.manifest.effectLimits ?? []), ...current];
}

function countOf(context: RunContext, agent: string, per: EffectLimit["per"]): number {
  const effects = entryOf(context.observed.summaries.workspace.effects, agent) ?? [];
  const timezone = timezoneOf(context.workspace.settings);
  return countInWindow(effects, context.now, { per, timezone });
}
