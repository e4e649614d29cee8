/** Whether the steps of a pipeline can be put in order. */
import { type Found, nameHint, pointer } from "./check-finding.ts";
import { needsOf, stepNamed } from "#runner/core/step-graph.ts";
import type { Pipeline, Step } from "#runner/schema/types.gen.ts";

/** A step with its place in the manifest: `["steps", 0]`. */
export interface PlacedStep {
  readonly step: Step;
  readonly path: readonly [list: "steps" | "onFailure", index: number];
}

export interface StepOrder {
  /** Steps after their needs; those of a cycle are left out, and all that wait for it. */
  readonly steps: readonly PlacedStep[];
  readonly onFailure: readonly PlacedStep[];
  readonly found: readonly Found[];
}

export function checkGraph(pipeline: Pipeline): StepOrder {
  const [steps, onFailure] = [placedIn(pipeline, "steps"), placedIn(pipeline, "onFailure")];
  const all = [...steps, ...onFailure];
  const sorted = { steps: orderOf(steps), onFailure: orderOf(onFailure) };
  const isStuck = (one: PlacedStep): boolean =>
    !sorted.steps.includes(one) && !sorted.onFailure.includes(one);
  return {
    ...sorted,
    found: [
      ...duplicates(all),
      ...unknownNeeds(steps, { among: steps, all }),
      ...unknownNeeds(onFailure, { among: all, all }),
      ...cycles(pipeline, all.filter(isStuck)),
    ],
  };
}

/** Every step of a pipeline with its place. */
export function placedSteps(pipeline: Pipeline): readonly PlacedStep[] {
  return [...placedIn(pipeline, "steps"), ...placedIn(pipeline, "onFailure")];
}

function placedIn(pipeline: Pipeline, list: PlacedStep["path"][0]): readonly PlacedStep[] {
  return (pipeline[list] ?? []).map((step, index) => ({ step, path: [list, index] }));
}

/** Ids of the steps that `step` waits for, directly or through others. */
export function ancestors(pipeline: Pipeline, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const step = stepNamed(pipeline, next);
    for (const need of step === undefined ? [] : needsOf(step)) {
      if (found.has(need)) continue;
      found.add(need);
      open.push(need);
    }
  }
  return found;
}

function orderOf(steps: readonly PlacedStep[]): readonly PlacedStep[] {
  const known = new Set(steps.map(({ step }) => step.id));
  const ordered: PlacedStep[] = [];
  const done = new Set<string>();
  for (let before = -1; before < ordered.length;) {
    before = ordered.length;
    const ready = steps.filter(
      (one) =>
        !ordered.includes(one) && needsOf(one.step).every((id) => done.has(id) || !known.has(id)),
    );
    ordered.push(...ready);
    for (const { step } of ready) done.add(step.id);
  }
  return ordered;
}

function duplicates(steps: readonly PlacedStep[]): readonly Found[] {
  return steps.flatMap(({ step: { id }, path }, index) => {
    const first = steps.findIndex(({ step }) => step.id === id);
    if (first === index) return [];
    const message = `two steps have the id ${id}`;
    return [{ code: "step/duplicate-id", pointer: pointer(...path, "id"), message }];
  });
}

interface Others {
  /** Steps that can be over before these begin. */
  readonly among: readonly PlacedStep[];
  readonly all: readonly PlacedStep[];
}

function unknownNeeds(steps: readonly PlacedStep[], { among, all }: Others): readonly Found[] {
  const ids = among.map(({ step }) => step.id);
  return steps.flatMap(({ step, path }) =>
    (step.needs ?? []).flatMap((need, at) => {
      if (ids.includes(need)) return [];
      const place = { code: "ref/step", pointer: pointer(...path, "needs", at) };
      if (all.some((other) => other.step.id === need)) {
        return [{ ...place, message: `${need} runs only after a failure, when this step is over` }];
      }
      const hint = nameHint(
        need,
        ids.filter((id) => id !== step.id),
      );
      return [{ ...place, message: `no step is called ${need}`, hint }];
    }),
  );
}

function cycles(pipeline: Pipeline, stuck: readonly PlacedStep[]): readonly Found[] {
  const inCycle = stuck.filter(({ step: { id } }) => ancestors(pipeline, id).has(id));
  const [first] = inCycle;
  if (first === undefined) return [];
  const names = inCycle.map(({ step }) => step.id).join(", ");
  const message =
    inCycle.length === 1
      ? `step ${names} waits for itself`
      : `these steps wait for each other: ${names}`;
  return [{ code: "step/cycle", pointer: pointer(...first.path, "id"), message }];
}
