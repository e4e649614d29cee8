/** What a gate shows: values, items, and the files that were made along with them. */
import { digestOf } from "#runner/core/canonical-json.ts";
import { evaluateValue, referencedSteps } from "#runner/core/expression/evaluate.ts";
import type { GateShown } from "./gate-action.ts";
import type { Scope } from "#runner/core/run-scope.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { Deliverable, GateStep } from "#runner/schema/types.gen.ts";

/** One thing to approve, with the files that were made along with it. */
export interface Shown {
  readonly item: GateShown;
  readonly files: readonly Deliverable[];
}

type AllShown =
  | { readonly ok: true; readonly items: readonly Shown[] }
  | { readonly ok: false; readonly reason: string };

export function shownBy(context: RunContext, step: GateStep, scope: Scope): AllShown {
  const items: Shown[] = [];
  for (const [show, template] of Object.entries(step.show)) {
    const value = evaluateValue(template, scope);
    if (!value.ok) return { ok: false, reason: `${show}: ${value.reason}` };
    items.push(...shownItems(context, { show, steps: referencedSteps(template) }, value.value));
  }
  return { ok: true, items };
}

interface Source {
  readonly show: string;
  /** Steps that the value is made from. */
  readonly steps: readonly string[];
}

function shownItems(context: RunContext, source: Source, value: unknown): readonly Shown[] {
  if (!isItemList(value)) return [shownItem(context, source, { key: null, outputs: value })];
  return value
    .filter((item) => item.outcome === "succeeded")
    .map((item) => shownItem(context, source, item));
}

interface ItemValue {
  /** null: a single value. */
  readonly key: string | null;
  readonly input?: unknown;
  readonly outcome?: unknown;
  readonly outputs: unknown;
}

function isItemList(value: unknown): value is readonly ItemValue[] {
  return Array.isArray(value) && value.every(isItem);
}

function isItem(item: unknown): item is ItemValue {
  return (
    typeof item === "object" &&
    item !== null &&
    "key" in item &&
    typeof item.key === "string" &&
    "outputs" in item
  );
}

/** The digest names what is approved or refused: the outputs and, where there are any, the files. */
function shownItem(context: RunContext, { show, steps }: Source, item: ItemValue): Shown {
  const { project, pipeline } = context.run.record;
  const { key, input, outputs } = item;
  const files = newestByPath(
    context.run.attempts
      .filter(({ step, outcome }) => steps.includes(step) && outcome === "succeeded")
      .filter((attempt) => key === null || attempt.item === key)
      .flatMap((attempt) => attempt.deliverables),
  );
  const blobs = Object.fromEntries(files.map(({ path, blob }) => [path, blob]));
  const named = files.length === 0 ? {} : { files: blobs };
  return {
    item: {
      show,
      key,
      step: steps[0] ?? null,
      digest: digestOf({ project, pipeline, show, key, outputs, ...named }),
      ...(input === undefined ? {} : { input }),
      outputs,
    },
    files,
  };
}

export function newestByPath(files: readonly Deliverable[]): readonly Deliverable[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** What the steps after the gate would see if all of it were approved. */
export function ifApproved(
  scope: Scope,
  { id, show }: GateStep,
  items: readonly GateShown[],
): Scope {
  const approved = Object.keys(show).map((name) => {
    const of = items.filter((item) => item.show === name);
    const single = of.find(({ key }) => key === null);
    const list = of.map(({ key, input, outputs }) => {
      return { key, input: input ?? null, outcome: "succeeded", outputs };
    });
    return [name, single === undefined ? list : single.outputs] as const;
  });
  const gate = { decision: "approved", approved: Object.fromEntries(approved) };
  const { steps } = scope;
  const before = typeof steps === "object" && steps !== null ? steps : {};
  return { ...scope, steps: { ...before, [id]: gate } };
}
