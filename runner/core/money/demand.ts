/** What an attempt may take at most, by its agent's limits. */
import { microsOf } from "./amount.ts";
import type { Cap, Work } from "./budget.ts";
import type { GrantPlan } from "#runner/core/action.ts";
import { entryOf } from "#runner/core/entry.ts";
import type { AgentVersion, Workspace } from "#runner/core/model.ts";
import type { Limits, Rung } from "#runner/schema/types.gen.ts";

interface Asked {
  readonly caps: readonly Cap[];
  readonly timeoutMs: number;
  /** The first rung that is tried. */
  readonly from: number;
}

/** null where there is nothing to grant: no model is asked, and no cap counts the time. */
export function demandOf(
  workspace: Workspace,
  { project, agent }: Work,
  { caps, timeoutMs, from }: Asked,
): GrantPlan | null {
  const rungs = rungsOf(agent).slice(from);
  const asks = rungs.some(asksModels);
  const isTimed = caps.some(({ axis }) => axis === "ms");
  if (!asks && !isTimed) return null;
  const current = workspace.projects.get(project)?.agents.get(agent.name)?.manifest.limits;
  const limits = [agent.manifest.limits, ...(current === undefined ? [] : [current])];
  return {
    micros: isPaid(workspace, agent, from)
      ? Math.min(...limits.map(({ usd }) => microsOf(usd)))
      : 0,
    tokens: asks ? lowest(limits, "tokens") : 0,
    requests: asks ? lowest(limits, "requests") : 0,
    ms: isTimed ? timeoutMs : 0,
  };
}

/** null: unlimited. */
function lowest(limits: readonly Limits[], axis: "tokens" | "requests"): number | null {
  const given = limits.flatMap((limit) => limit[axis] ?? []);
  return given.length === 0 ? null : Math.min(...given);
}

export function rungsOf({ manifest }: Pick<AgentVersion, "manifest">): readonly Rung[] {
  const { fallback = [], ...first } = manifest.runtime;
  return [first, ...fallback];
}

/** Whether the rung can do its work with what is granted. */
export function canPay(workspace: Workspace, rung: Rung, grant: GrantPlan): boolean {
  if (!asksModels(rung)) return true;
  if (grant.tokens === 0 || grant.requests === 0) return false;
  return !isPriced(workspace, rung) || grant.micros > 0;
}

/** Names in fettle.yaml of the models that the agent may ask. */
export function modelsAsked(agent: Pick<AgentVersion, "manifest">): readonly string[] {
  return [...new Set(rungsOf(agent).flatMap(modelsOf))];
}

/** Those of one rung. */
export function modelsOf(rung: Rung): readonly string[] {
  if ("command" in rung) return rung.models ?? [];
  return "model" in rung ? [rung.model] : [];
}

function asksModels(rung: Rung): boolean {
  return modelsOf(rung).length > 0;
}

/** Whether any rung, from one on, asks a model that costs something. */
export function isPaid(
  workspace: Pick<Workspace, "settings">,
  agent: AgentVersion,
  from = 0,
): boolean {
  return rungsOf(agent)
    .slice(from)
    .some((rung) => isPriced(workspace, rung));
}

/** A model that fettle.yaml does not know may cost anything; one that is subscribed to costs nothing more. */
function isPriced({ settings }: Pick<Workspace, "settings">, rung: Rung): boolean {
  return modelsOf(rung).some((model) => {
    const { price } = entryOf(settings.models, model) ?? {};
    return price !== "zero" && price !== "subscription";
  });
}
