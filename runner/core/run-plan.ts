/** What an open run needs next. */
import { planAgentStep } from "./agent-step-plan.ts";
import { canonicalJson } from "./canonical-json.ts";
import { evaluateCondition, evaluateValue } from "./evaluate.ts";
import { planGateStep } from "./gate-step-plan.ts";
import { goalsServedBy, measured } from "./goal.ts";
import type { RunFinish } from "./action.ts";
import { runScope } from "./run-scope.ts";
import { inOrder, isGateStep, isWaitStep, needsOf } from "./step-graph.ts";
import {
  acting,
  held,
  skipped,
  stepHold,
  together,
  type RunContext,
  type StepEnd,
  type StepPlan,
} from "./step-plan.ts";
import { planWaitStep } from "./wait-step-plan.ts";
import type { Step } from "#runner/schema/types.gen.ts";

const OUTPUTS_LIMIT_BYTES = 4096;

/** Actions and holds of one open run; `run-finish` when every step is over. */
export function planRun(context: RunContext): StepPlan {
  const ends = new Map<string, StepEnd>();
  const plans: StepPlan[] = [];
  for (const step of inOrder(context.run.pipeline)) {
    const plan = planStep(context, step, ends);
    if (plan === null) continue;
    if (plan.end !== null) ends.set(step.id, plan.end);
    plans.push(plan);
  }
  const isOver = ends.size === context.run.pipeline.steps.length;
  return isOver ? acting(finish(context, ends)) : together(plans);
}

/** null while a step that it needs is not over. */
function planStep(
  context: RunContext,
  step: Step,
  ends: ReadonlyMap<string, StepEnd>,
): StepPlan | null {
  const needed = needsOf(step).map((id) => ({ id, end: ends.get(id) }));
  if (needed.some(({ end }) => end === undefined)) return null;
  const broken = needed.find(({ end }) => end?.result !== "done");
  if (broken !== undefined) return skipped(`${broken.id} was ${broken.end?.result ?? ""}`);
  const scope = runScope(context, ends);
  if (step.if !== undefined) {
    const condition = evaluateCondition(step.if, scope);
    if (!condition.ok) {
      return held(stepHold(context, step.id, { reason: "expression", why: condition.reason }));
    }
    if (!condition.value) return skipped(`not: ${step.if}`);
  }
  if (isGateStep(step)) return planGateStep(context, step, scope);
  return isWaitStep(step)
    ? planWaitStep(context, step, scope)
    : planAgentStep(context, step, scope);
}

function finish(context: RunContext, ends: ReadonlyMap<string, StepEnd>): RunFinish {
  const { record } = context.run;
  const outputs = outputsOf(context, ends);
  const end = outputs.ok ? resultOf(ends) : { result: "failed" as const, reason: outputs.reason };
  return {
    kind: "run-finish",
    project: record.project,
    because: end.reason,
    run: record.id,
    ...end,
    outputs: outputs.ok ? outputs.value : {},
    serves: goalsServedBy(context.workspace, record.project, record.pipeline),
    goal: measured(context, ends),
  };
}

function resultOf(ends: ReadonlyMap<string, StepEnd>): Pick<RunFinish, "result" | "reason"> {
  const all = [...ends];
  const failed = all.find(([, end]) => end.result === "failed");
  if (failed !== undefined)
    return { result: "failed", reason: `${failed[0]}: ${failed[1].reason}` };
  const rejected = all.find(([, end]) => end.result === "rejected");
  if (rejected !== undefined) {
    return { result: "rejected", reason: `${rejected[0]}: ${rejected[1].reason}` };
  }
  const lossy = all.filter(([, end]) => end.failedItems > 0);
  return lossy.length === 0
    ? { result: "succeeded", reason: "every step is done" }
    : { result: "degraded", reason: lossy.map(([id, end]) => `${id}: ${end.reason}`).join("; ") };
}

type Outputs =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: string };

/** The declared outputs; a run that did not reach its end has those of the run before. */
function outputsOf(context: RunContext, ends: ReadonlyMap<string, StepEnd>): Outputs {
  const { record, pipeline } = context.run;
  const isWhole = [...ends.values()].every(
    (end) => end.result !== "failed" && end.result !== "rejected",
  );
  if (!isWhole) return { ok: true, value: record.previous };
  const value: Record<string, unknown> = {};
  for (const [name, output] of Object.entries(pipeline.outputs ?? {})) {
    const result = evaluateValue(output.value, runScope(context, ends));
    if (!result.ok) return { ok: false, reason: `output ${name}: ${result.reason}` };
    value[name] = result.value;
  }
  return sizeOf(value) > OUTPUTS_LIMIT_BYTES
    ? { ok: false, reason: `the outputs of the pipeline are over ${OUTPUTS_LIMIT_BYTES} bytes` }
    : { ok: true, value };
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(canonicalJson(value)).byteLength;
}
