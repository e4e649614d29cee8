/** What an open run needs next. */
import { canonicalJson } from "./canonical-json.ts";
import { keepsEpisodes } from "./episode.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import { goalsServedBy, measured } from "./goal.ts";
import type { RunFinish } from "./action.ts";
import { planUndoing, withWords } from "#runner/core/undo/compensation-plan.ts";
import { isDone } from "./outcome.ts";
import { childEnds } from "./pipeline-step-plan.ts";
import { reworkOf } from "./rework.ts";
import { runScope } from "./run-scope.ts";
import { planSteps } from "./step-list-plan.ts";
import { isPipelineStep, stepsOf } from "./step-graph.ts";
import { isPermitted, planUndoRun } from "#runner/core/undo/undo-run.ts";
import { heldBack } from "#runner/core/gate/back-pressure.ts";
import {
  acting,
  held,
  type Failure,
  type RunContext,
  type StepEnd,
  type StepPlan,
} from "./step-plan.ts";
import type { Step } from "#runner/schema/types.gen.ts";

const OUTPUTS_LIMIT_BYTES = 4096;

/** Actions and holds of one open run; `run-finish` when every step is over. */
export function planRun(context: RunContext): StepPlan {
  if (context.run.record.undoes !== undefined) return planUndoRun(context);
  const back = heldBack(context);
  return back === null ? planWay(context) : held(back);
}

function planWay(context: RunContext): StepPlan {
  const { pipeline } = context.run;
  const { isOver, ends, plan } = planSteps(context, pipeline.steps, new Map());
  if (!isOver) return plan;
  const outputs = outputsOf(context, ends);
  const end = outputs.ok ? resultOf(ends) : brokenOutputs(outputs.reason);
  const steps = pipeline.onFailure ?? [];
  if (end.result !== "failed" || steps.length === 0) {
    return conclude(context, ends, finish(context, ends, { outputs, end }));
  }
  const failing = { ...context, failure: failureOf(context, end) };
  const after = planSteps(failing, steps, ends);
  if (!after.isOver) return after.plan;
  const reason = `${end.reason}${troubleAfter(steps, after.ends)}`;
  const over = finish(failing, after.ends, { outputs, end: { ...end, reason } });
  return conclude(context, ends, over);
}

/** Before a run ends that failed or was rejected, what it did is undone. */
function conclude(
  context: RunContext,
  ends: ReadonlyMap<string, StepEnd>,
  end: RunFinish,
): StepPlan {
  const isLost = end.result === "failed" || end.result === "rejected";
  if (!isLost || context.isCalledOff) return acting(end);
  const undoing = planUndoing(context, {
    scope: runScope(context, ends),
    isPermitted: isPermitted(context),
  });
  if (undoing.kind === "going") return undoing.plan;
  return acting({ ...end, reason: withWords(end.reason, undoing.words) });
}

interface RunEnd extends Pick<RunFinish, "result" | "reason"> {
  /** The step that decided it; empty when it was none. */
  readonly step: string;
}

/** What `onFailure` steps see as `failure`. */
function failureOf({ run }: RunContext, { step, reason }: RunEnd): Failure {
  const attempt = run.attempts.findLast(
    (candidate) => candidate.step === step && !isDone(candidate.outcome ?? "crashed"),
  );
  const wait = run.waits.find((candidate) => candidate.step === step);
  const outcome = attempt?.outcome ?? wait?.outcome ?? "failed";
  // The step is named beside it: whoever writes both into a mail would name it twice.
  return { step, reason: withoutStep(reason, step), outcome };
}

function withoutStep(reason: string, step: string): string {
  const prefix = `${step}: `;
  return step !== "" && reason.startsWith(prefix) ? reason.slice(prefix.length) : reason;
}

/** How the first of the `onFailure` steps failed that did; one failure more starts nothing. */
function troubleAfter(steps: readonly Step[], ends: ReadonlyMap<string, StepEnd>): string {
  const trouble = steps
    .map(({ id }) => ({ id, end: ends.get(id) }))
    .find(({ end }) => end?.result === "failed" || end?.result === "rejected");
  return trouble === undefined ? "" : `; onFailure ${trouble.id}: ${trouble.end?.reason ?? ""}`;
}

interface Over {
  readonly outputs: Outputs;
  readonly end: RunEnd;
}

function finish(
  context: RunContext,
  ends: ReadonlyMap<string, StepEnd>,
  { outputs, end: { result, reason } }: Over,
): RunFinish {
  const { record } = context.run;
  return {
    kind: "run-finish",
    project: record.project,
    because: reason,
    run: record.id,
    result,
    reason,
    outputs: outputs.ok ? outputs.value : {},
    serves: goalsServedBy(context.workspace, record.project, record.pipeline),
    goal: measured(context, ends),
    ...childrenOf(context, ends),
    ...reworkPart(context),
    ...(keepsEpisodes(context.workspace, context.run) ? { episodes: true } : {}),
  };
}

function reworkPart({ run }: RunContext): Pick<RunFinish, "rework"> {
  const rework = reworkOf(run);
  return rework === undefined ? {} : { rework };
}

function childrenOf(
  context: RunContext,
  ends: ReadonlyMap<string, StepEnd>,
): Pick<RunFinish, "children"> {
  const called = stepsOf(context.run.pipeline).filter(isPipelineStep);
  const scope = runScope(context, ends);
  const children = called
    .filter(({ id }) => (ends.get(id)?.result ?? "skipped") !== "skipped")
    .flatMap((step) => childEnds(context, step, scope));
  return children.length === 0 ? {} : { children };
}

function brokenOutputs(reason: string): RunEnd {
  return { result: "failed", reason, step: "" };
}

function resultOf(ends: ReadonlyMap<string, StepEnd>): RunEnd {
  const all = [...ends].map(([step, end]) => ({ step, ...end, reason: `${step}: ${end.reason}` }));
  for (const result of ["failed", "rejected"] as const) {
    const found = all.find((end) => end.result === result);
    if (found !== undefined) return { result, reason: found.reason, step: found.step };
  }
  const lossy = all.filter(({ failedItems }) => failedItems > 0);
  return lossy.length === 0
    ? { result: "succeeded", reason: "every step is done", step: "" }
    : { result: "degraded", reason: lossy.map(({ reason }) => reason).join("; "), step: "" };
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
