/** What undoes a step, as main has it by now: for where the expressions that the run began with give nothing. */
import { agentName } from "#runner/core/agent-reference.ts";
import { isAgentStep, stepNamed } from "#runner/core/step-graph.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import { undonePipeline } from "./undo-pipeline.ts";
import { undoStepOf } from "./undo-step.ts";
import type { AgentStep } from "#runner/schema/types.gen.ts";

type Context = Pick<RunContext, "workspace" | "run">;

/** Undefined where main has none by the same agent, which stays at the version of the run. */
export function mendedUndo(context: Context, undone: AgentStep): AgentStep | undefined {
  const { project } = context.run.record;
  const version = context.workspace.projects.get(project);
  const pipeline = version?.pipelines.get(pipelineOf(context));
  const step = pipeline === undefined ? undefined : stepNamed(pipeline, undone.id);
  if (step === undefined || !isAgentStep(step)) return undefined;
  const [then, now] = [undoStepOf(undone), undoStepOf(step)];
  if (then === undefined || now === undefined) return undefined;
  const isSameAgent = agentName(then.agent) === agentName(now.agent);
  return isSameAgent ? { ...then, with: now.with ?? {} } : undefined;
}

/** Where the operator mends it, and how it is left otherwise. */
export function mendWords(context: Context, undone: AgentStep): string {
  const { id, project } = context.run.record;
  const file = `projects/${project}/pipelines/${pipelineOf(context)}.yaml`;
  return `mend compensate.with of step ${undone.id} in ${file} on main: the next tick takes what stands there; fettle cancel ${id} --keep   leaves it as it is`;
}

function pipelineOf({ run: { record } }: Context): string {
  return undonePipeline(record.pipeline) ?? record.pipeline;
}
