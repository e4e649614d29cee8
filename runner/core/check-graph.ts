/** Whether the steps of a pipeline can be put in order. */
import { type Found, nameHint, pointer } from "./check-finding.ts";
import { needsOf } from "./step-graph.ts";
import type { Pipeline, Step } from "#runner/schema/types.gen.ts";

export interface StepOrder {
  /** Steps after their needs; those of a cycle are left out, and all that wait for it. */
  readonly ordered: readonly Step[];
  readonly found: readonly Found[];
}

export function checkGraph(pipeline: Pipeline): StepOrder {
  const ordered = orderOf(pipeline.steps);
  const stuck = pipeline.steps.filter((step) => !ordered.includes(step));
  return {
    ordered,
    found: [
      ...duplicates(pipeline.steps),
      ...unknownNeeds(pipeline.steps),
      ...cycles(pipeline, stuck),
    ],
  };
}

/** Ids of the steps that `step` waits for, directly or through others. */
export function ancestors(pipeline: Pipeline, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const step = pipeline.steps.find((one) => one.id === next);
    for (const need of step === undefined ? [] : needsOf(step)) {
      if (found.has(need)) continue;
      found.add(need);
      open.push(need);
    }
  }
  return found;
}

function orderOf(steps: readonly Step[]): readonly Step[] {
  const known = new Set(steps.map(({ id }) => id));
  const ordered: Step[] = [];
  const done = new Set<string>();
  for (let before = -1; before < ordered.length;) {
    before = ordered.length;
    const ready = steps.filter(
      (step) =>
        !ordered.includes(step) && needsOf(step).every((id) => done.has(id) || !known.has(id)),
    );
    ordered.push(...ready);
    for (const { id } of ready) done.add(id);
  }
  return ordered;
}

function duplicates(steps: readonly Step[]): readonly Found[] {
  return steps.flatMap(({ id }, index) => {
    const first = steps.findIndex((step) => step.id === id);
    if (first === index) return [];
    const message = `two steps have the id ${id}`;
    return [{ code: "step/duplicate-id", pointer: pointer("steps", index, "id"), message }];
  });
}

function unknownNeeds(steps: readonly Step[]): readonly Found[] {
  const ids = steps.map(({ id }) => id);
  return steps.flatMap((step, index) =>
    (step.needs ?? []).flatMap((need, at) => {
      if (ids.includes(need)) return [];
      const place = pointer("steps", index, "needs", at);
      const others = ids.filter((id) => id !== step.id);
      return [
        {
          code: "ref/step",
          pointer: place,
          message: `no step is called ${need}`,
          hint: nameHint(need, others),
        },
      ];
    }),
  );
}

function cycles(pipeline: Pipeline, stuck: readonly Step[]): readonly Found[] {
  const inCycle = stuck.filter(({ id }) => ancestors(pipeline, id).has(id));
  const [first] = inCycle;
  if (first === undefined) return [];
  const names = inCycle.map(({ id }) => id).join(", ");
  const message =
    inCycle.length === 1
      ? `step ${names} waits for itself`
      : `these steps wait for each other: ${names}`;
  return [
    { code: "step/cycle", pointer: pointer("steps", pipeline.steps.indexOf(first), "id"), message },
  ];
}
