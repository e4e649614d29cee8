/** The step that undoes what another one did: `<id>-undo`, which no step that is written can be called. */
import { isAgentStep, stepNamed } from "#runner/core/step-graph.ts";
import type { AgentStep, Pipeline, Step } from "#runner/schema/types.gen.ts";

const SUFFIX = "-undo";

/** What `compensate` declares, as a step of its own; undefined when it only says why nothing can be done. */
export function undoStepOf({ id, compensate }: AgentStep): AgentStep | undefined {
  if (compensate?.agent === undefined) return undefined;
  const { agent, with: inputs, timeout } = compensate;
  return {
    id: `${id}${SUFFIX}`,
    agent,
    ...(inputs === undefined ? {} : { with: inputs }),
    ...(timeout === undefined ? {} : { timeout }),
    // The name of what is undone is in scope under this name: see compensation-plan.ts.
    once: { key: "${{ undoes }}" },
  };
}

export function isUndoStep(id: string): boolean {
  return id.endsWith(SUFFIX);
}

/** A step of the pipeline, or one that undoes such a step. */
export function workNamed(pipeline: Pipeline, id: string): Step | undefined {
  if (!isUndoStep(id)) return stepNamed(pipeline, id);
  const undone = stepNamed(pipeline, id.slice(0, -SUFFIX.length));
  return undone !== undefined && isAgentStep(undone) ? undoStepOf(undone) : undefined;
}

/** References to the agents of a step: to the one that does it, and to the one that undoes it. */
export function agentsNamedIn(step: Step): readonly string[] {
  if (!isAgentStep(step)) return [];
  const { agent, compensate } = step;
  return compensate?.agent === undefined ? [agent] : [agent, compensate.agent];
}
