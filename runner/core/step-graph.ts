/** Which steps wait for which: written `needs` and the references in expressions. */
import { referencedSteps } from "#runner/core/expression/evaluate.ts";
import type {
  AgentStep,
  AskStep,
  GateStep,
  Pipeline,
  PipelineStep,
  Step,
  WaitStep,
} from "#runner/schema/types.gen.ts";

export function isGateStep(step: Step): step is GateStep {
  return "gate" in step;
}

export function isAskStep(step: Step): step is AskStep {
  return "ask" in step && !("gate" in step);
}

export function isAgentStep(step: Step): step is AgentStep {
  return "agent" in step;
}

export function isWaitStep(step: Step): step is WaitStep {
  return "wait" in step;
}

export function isPipelineStep(step: Step): step is PipelineStep {
  return "pipeline" in step;
}

/** Found once for each step and list, which never change: a plan asks again whenever a step has ended. */
const knownNeeds = new WeakMap<Step, readonly string[]>();
const knownOrders = new WeakMap<readonly Step[], readonly Step[]>();

/** Step ids that must be over before `step` can start. */
export function needsOf(step: Step): readonly string[] {
  const needs = knownNeeds.get(step) ?? readNeeds(step);
  knownNeeds.set(step, needs);
  return needs;
}

function readNeeds(step: Step): readonly string[] {
  const { id: _, needs = [], if: condition, ...rest } = withoutUndo(step);
  const conditions = [condition, untilOf(step)].flatMap((bare) =>
    bare === undefined ? [] : [`\${{ ${bare} }}`],
  );
  return [...new Set([...needs, ...referencedSteps([rest, ...conditions])])];
}

/** The bare expression that says until when a step goes on. */
function untilOf(step: Step): string | undefined {
  if (isWaitStep(step)) return step.wait.until;
  return isAgentStep(step) ? step.repeat?.until : undefined;
}

/** How a step is undone is asked for when all steps are over. */
function withoutUndo(step: Step): Step {
  if (!isAgentStep(step)) return step;
  const { compensate: _, ...rest } = step;
  return rest;
}

/** Every step of a pipeline: those of its way, and those for when it fails. */
export function stepsOf({ steps, onFailure = [] }: StepLists): readonly Step[] {
  return [...steps, ...onFailure];
}

interface StepLists {
  readonly steps: readonly Step[];
  readonly onFailure?: readonly Step[];
}

export function stepNamed(pipeline: StepLists, id: string): Step | undefined {
  return stepsOf(pipeline).find((step) => step.id === id);
}

/** The list in an order in which every step comes after those of the list that it needs; validation has refused cycles. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  const order = knownOrders.get(steps) ?? sortedByNeeds(steps);
  knownOrders.set(steps, order);
  return order;
}

function sortedByNeeds(steps: readonly Step[]): readonly Step[] {
  const own = new Set(steps.map(({ id }) => id));
  const done = new Set<string>();
  const order: Step[] = [];
  const waiting = new Set(steps);
  while (waiting.size > 0) {
    const ready = [...waiting].filter((step) =>
      needsOf(step).every((id) => done.has(id) || !own.has(id)),
    );
    if (ready.length === 0) return [...order, ...waiting];
    for (const step of ready) {
      order.push(step);
      done.add(step.id);
      waiting.delete(step);
    }
  }
  return order;
}

/** Agent steps that come after `id`, directly or through others. */
export function agentStepsAfter(pipeline: Pipeline, id: string): readonly AgentStep[] {
  const after = stepsAfter(pipeline, id);
  return stepsOf(pipeline)
    .filter(isAgentStep)
    .filter((step) => after.has(step.id));
}

/** Ids of the steps that come after `id`, directly or through others. */
export function stepsAfter(pipeline: Pipeline, id: string): ReadonlySet<string> {
  const reached = new Set([id]);
  let before = 0;
  while (before !== reached.size) {
    before = reached.size;
    for (const step of stepsOf(pipeline)) {
      if (needsOf(step).some((need) => reached.has(need))) reached.add(step.id);
    }
  }
  reached.delete(id);
  return reached;
}

/** Agent steps that `id` depends on, directly or through others. */
export function agentStepsBefore(pipeline: Pipeline, id: string): readonly AgentStep[] {
  const before = stepsBefore(pipeline, id);
  return stepsOf(pipeline)
    .filter(isAgentStep)
    .filter((step) => before.has(step.id));
}

/** Ids of the steps that `id` depends on, directly or through others. */
export function stepsBefore(pipeline: Pipeline, id: string): ReadonlySet<string> {
  const byId = new Map(stepsOf(pipeline).map((step) => [step.id, step]));
  const reached = new Set([id]);
  // What is added while the set is gone through is gone through too.
  for (const later of reached) {
    const step = byId.get(later);
    const needs = step === undefined ? [] : needsOf(step);
    for (const need of needs) if (byId.has(need)) reached.add(need);
  }
  reached.delete(id);
  return reached;
}

/** Steps whose files a gate shows before they may go to main. */
export function shownSteps(pipeline: Pipeline): ReadonlySet<string> {
  return new Set(
    stepsOf(pipeline)
      .filter(isGateStep)
      .flatMap((step) => referencedSteps(step.show)),
  );
}
