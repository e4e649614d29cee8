/** Whether the results of a step can be taken over by other runs. */
import { whyUncachable } from "#runner/core/cached-result.ts";
import type { PlacedStep } from "./check-graph.ts";
import { pointer, type Found } from "./check-finding.ts";
import type { Agent, AgentStep } from "#runner/schema/types.gen.ts";

/** `agent` is null where nothing is known of it. */
export function checkCache(
  step: AgentStep,
  agent: Agent | null,
  path: PlacedStep["path"],
): readonly Found[] {
  if (step.cache !== true) return [];
  const why = agent === null ? null : whyUncachable(agent);
  if (why === null && step.repeat === undefined) return [];
  const message =
    why === null
      ? `step ${step.id} is repeated until something changes, so its result cannot be taken over`
      : `the agent of step ${step.id} ${why}, so its result cannot be taken over`;
  return [{ code: "step/cache", pointer: pointer(...path, "cache"), message }];
}
