/** Rules of `degrade`: conditions on what they see, and rungs that the agent has. */
import { expressionFindings, type Found, pointer } from "./check-finding.ts";
import type { PlacedStep } from "./check-graph.ts";
import { DEGRADE_SCOPE } from "./check-scope.ts";
import { compileCondition } from "#runner/core/expression/expression.ts";
import type { Agent, AgentStep } from "#runner/schema/types.gen.ts";

/** `agent` is null where nothing is known of it. */
export function checkDegrade(
  { degrade, agent: name }: AgentStep,
  agent: Agent | null,
  path: PlacedStep["path"],
): readonly Found[] {
  return (degrade ?? []).flatMap(({ when, use }, index): readonly Found[] => {
    const condition = compileCondition(when, DEGRADE_SCOPE);
    const at = [...path, "degrade", index];
    const errors = condition.ok ? [] : expressionFindings([...at, "when"], condition.errors);
    const rungs = agent?.runtime.fallback ?? [];
    const isThere =
      agent === null || use === "park" || rungs.some((_, rung) => use === `fallback[${rung}]`);
    if (isThere) return errors;
    const has = rungs.length === 0 ? "no fallback" : `${rungs.length} in its fallback`;
    const message = `agent ${name} has ${has}, so there is no ${use}`;
    const hint = "fallback[0] is the first; park waits";
    return [...errors, { code: "step/degrade", pointer: pointer(...at, "use"), message, hint }];
  });
}
