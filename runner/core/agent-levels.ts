/** How many times work must come back before a run is over: steps that need each other go one after the other. */
import { inOrder, isAgentStep, isPipelineStep, needsOf } from "./step-graph.ts";
import type { Pipeline } from "#runner/schema/types.gen.ts";

/** `pipelines`: those that may be called; validation has refused such as call themselves. */
export function agentLevels(pipeline: Pipeline, pipelines: ReadonlyMap<string, Pipeline>): number {
  const levels = new Map<string, number>();
  for (const step of inOrder(pipeline.steps)) {
    const before = Math.max(0, ...needsOf(step).map((id) => levels.get(id) ?? 0));
    const called = isPipelineStep(step) ? pipelines.get(step.pipeline) : undefined;
    const inside = called === undefined ? 0 : agentLevels(called, pipelines);
    levels.set(step.id, before + (isAgentStep(step) ? 1 : inside));
  }
  return Math.max(0, ...levels.values());
}
