/** Which of the planned steps may start beside those that run already. */
import type { StepStart } from "./action.ts";
import type { AgentVersion, Observed } from "./model.ts";
import type { AgentStep, Pipeline } from "#runner/schema/types.gen.ts";
import { isAgentStep, stepNamed } from "./step-graph.ts";

/** Of what starts a process or waits for somebody. */
const WORKSPACE_LIMIT = 8;
/** Of what is done before the next could begin: together they share plans and commits. */
const IN_PROCESS_LIMIT = 64;
const DEFAULT_LIMIT = 4;

/** Names a unit of work: a step of a run, or one item of it. */
export function unitKey({ run, step, item }: Pick<StepStart, "run" | "step" | "item">): string {
  return JSON.stringify([run, step, item]);
}

/** The unit that the key names. */
export function unitOf(key: string): Pick<StepStart, "run" | "step" | "item"> {
  const [run, step, item]: readonly unknown[] = JSON.parse(key);
  return { run: String(run), step: String(step), item: typeof item === "string" ? item : null };
}

/** How the keys of all units of a run begin. */
export function unitPrefixOfRun(run: string): string {
  return `${JSON.stringify([run]).slice(0, -1)},`;
}

/** How the keys of all units of a step begin. */
export function unitPrefix(run: string, step: string): string {
  return `${JSON.stringify([run, step]).slice(0, -1)},`;
}

/** How many items of a step can run beside each other; `agent`: who works on them. */
export function placesOf(
  pipeline: Pick<Pipeline, "maxParallel">,
  step: Pick<AgentStep, "maxParallel">,
  agent?: AgentVersion,
): number {
  return Math.min(
    step.maxParallel ?? DEFAULT_LIMIT,
    pipeline.maxParallel ?? DEFAULT_LIMIT,
    limitOf(agent),
  );
}

/** Filling in a template is all that is done in this process. */
function limitOf(agent: AgentVersion | undefined): number {
  return agent !== undefined && "template" in agent.manifest.runtime
    ? IN_PROCESS_LIMIT
    : WORKSPACE_LIMIT;
}

/** The planned starts that fit the limits of workspace, pipeline and step, in planned order. */
export function startable(
  planned: readonly StepStart[],
  running: readonly StepStart[],
  observed: Observed,
): readonly StepStart[] {
  const chosen: StepStart[] = [];
  const limit = (start: StepStart): number => limitOf(agentOf(start, observed));
  for (const start of planned) {
    const beside = [...running, ...chosen];
    if (beside.length >= IN_PROCESS_LIMIT) break;
    const most = limit(start);
    const alike = beside.filter((other) => limit(other) === most);
    if (alike.length < most && fits(start, beside, observed)) chosen.push(start);
  }
  return chosen;
}

function agentOf({ run, agent }: StepStart, observed: Observed): AgentVersion | undefined {
  return observed.runs.get(run)?.agents.get(agent);
}

function fits(start: StepStart, beside: readonly StepStart[], observed: Observed): boolean {
  const most = mostBeside(start, observed);
  const sameRun = beside.filter(({ run }) => run === start.run);
  const sameStep = sameRun.filter((other) => other.step === start.step);
  return sameRun.length < most.ofRun && sameStep.length < most.ofStep;
}

/** How many units of its run, and of its step, may be at work at a time. */
export function mostBeside(
  start: Pick<StepStart, "run" | "step">,
  observed: Pick<Observed, "runs">,
): { readonly ofRun: number; readonly ofStep: number } {
  const pipeline = observed.runs.get(start.run)?.pipeline;
  const step = pipeline === undefined ? undefined : stepNamed(pipeline, start.step);
  const ofStep = step !== undefined && isAgentStep(step) ? step.maxParallel : undefined;
  return { ofRun: pipeline?.maxParallel ?? DEFAULT_LIMIT, ofStep: ofStep ?? DEFAULT_LIMIT };
}
