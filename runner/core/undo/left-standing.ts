/** What of a run stands that is not undone by itself. */
import type { OpenRun } from "#runner/core/model.ts";
import { isAgentStep, isPipelineStep, stepNamed, stepsOf } from "#runner/core/step-graph.ts";
import { isUndoStep } from "./undo-step.ts";
import { lastActs } from "#runner/core/unit-history.ts";
import type { AttemptRecord, ChildEnd } from "#runner/schema/types.gen.ts";

type Spec = Pick<OpenRun, "pipeline" | "pipelines">;

/** Runs that came to a good end for it and may have acted on the outside world. */
export function actingChildren(spec: Spec, children: readonly ChildEnd[]): readonly string[] {
  return children
    .filter(({ outcome, step }) => outcome === "succeeded" && isActing(spec, step))
    .map(({ run }) => run);
}

function isActing({ pipeline, pipelines }: Spec, id: string): boolean {
  const step = stepNamed(pipeline, id);
  if (step === undefined || !isPipelineStep(step)) return false;
  return canAct(step.pipeline, pipelines, new Set());
}

function canAct(name: string, pipelines: Spec["pipelines"], seen: Set<string>): boolean {
  const called = pipelines.get(name);
  if (called === undefined || seen.has(name)) return false;
  seen.add(name);
  return stepsOf(called).some(
    (step) =>
      (isAgentStep(step) && step.once !== undefined) ||
      (isPipelineStep(step) && canAct(step.pipeline, pipelines, seen)),
  );
}

/** Keys of what it has done, or may have. */
export function deedsOf(run: { readonly attempts: readonly AttemptRecord[] }): readonly string[] {
  return lastActs(run)
    .filter(({ step, outcome }) => !isUndoStep(step) && outcome !== "noop")
    .flatMap(({ effect }) => (effect === undefined ? [] : [effect.onceKey]));
}
