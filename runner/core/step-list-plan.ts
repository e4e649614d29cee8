/** The steps of a list that belong together: each in its turn, as far as it can go now. */
import { planAgentStep } from "./agent-step-plan.ts";
import { planAskStep } from "#runner/core/gate/ask-step-plan.ts";
import { evaluateCondition } from "#runner/core/expression/evaluate.ts";
import { planGateStep } from "#runner/core/gate/gate-step-plan.ts";
import { MEMORY_REVIEW, planReview } from "#runner/core/memory/memory-review.ts";
import { planPipelineStep } from "./pipeline-step-plan.ts";
import { runScope, type Scope } from "./run-scope.ts";
import {
  inOrder,
  isAskStep,
  isGateStep,
  isPipelineStep,
  isWaitStep,
  needsOf,
} from "./step-graph.ts";
import {
  held,
  nothingPlanned,
  skipped,
  stepHold,
  together,
  type RunContext,
  type StepEnd,
  type StepPlan,
} from "./step-plan.ts";
import { planWaitStep } from "./wait-step-plan.ts";
import type { Step } from "#runner/schema/types.gen.ts";

type Ends = ReadonlyMap<string, StepEnd>;

export interface ListPlan {
  readonly isOver: boolean;
  /** Of the steps that are over, those before the list included. */
  readonly ends: Ends;
  readonly plan: StepPlan;
}

/** `before` are steps that were over before the list began, however they ended. */
export function planSteps(context: RunContext, steps: readonly Step[], before: Ends): ListPlan {
  const ends = new Map(before);
  const own = new Set(steps.map(({ id }) => id));
  const plans: StepPlan[] = [];
  for (const step of inOrder(steps)) {
    const plan = planStep(context, step, { ends, own });
    if (plan === null) continue;
    if (plan.end !== null) ends.set(step.id, plan.end);
    plans.push(plan);
  }
  const isOver = ends.size === before.size + steps.length;
  return { isOver, ends, plan: together(plans) };
}

/** What is over of a run that is called off; the rest never began, or is found out about. */
export function endsOf(context: RunContext): Ends {
  const calledOff = { ...context, planned: nothingPlanned(), isCalledOff: true } as const;
  return planSteps(calledOff, context.run.pipeline.steps, new Map()).ends;
}

interface Around {
  readonly ends: Ends;
  /** Ids of the list: one of these that failed lets what needs it be skipped. */
  readonly own: ReadonlySet<string>;
}

/** null while a step that it needs is not over. */
function planStep(context: RunContext, step: Step, { ends, own }: Around): StepPlan | null {
  const needed = needsOf(step).map((id) => ({ id, end: ends.get(id) }));
  if (needed.some(({ end }) => end === undefined)) return null;
  const broken = needed.find(({ id, end }) => own.has(id) && end?.result !== "done");
  if (broken !== undefined) return skipped(`${broken.id} was ${broken.end?.result ?? ""}`);
  const scope = runScope(context, ends);
  if (step.if !== undefined) {
    const condition = evaluateCondition(step.if, scope);
    if (!condition.ok) {
      return held(stepHold(context, step.id, { reason: "expression", why: condition.reason }));
    }
    if (!condition.value) return skipped(`not: ${step.if}`);
  }
  return planKind(context, step, scope);
}

function planKind(context: RunContext, step: Step, scope: Scope): StepPlan {
  if (isGateStep(step)) {
    return context.run.record.pipeline === MEMORY_REVIEW
      ? planReview(context, step)
      : planGateStep(context, step, scope);
  }
  if (isAskStep(step)) return planAskStep(context, step, scope);
  if (isWaitStep(step)) return planWaitStep(context, step, scope);
  return isPipelineStep(step)
    ? planPipelineStep(context, step, scope)
    : planAgentStep(context, step, scope);
}
