/** The run that handles an item for a pipeline step, as it is recorded. */
import { childIds, childSlot } from "./child-run.ts";
import { pipelineNames, projectNames } from "./earlier-names.ts";
import type { Scope } from "./run-scope.ts";
import type { Item } from "./step-items.ts";
import type { RunContext } from "./step-plan.ts";
import type {
  ChildEnd,
  HandledEnd,
  HandledRecord,
  Pipeline,
  PipelineStep,
} from "#runner/schema/types.gen.ts";

export interface Call {
  readonly step: PipelineStep;
  readonly called: Pipeline;
  readonly scope: Scope;
}

export type Child = ItemAtTime & { readonly run: string } & (
    | { readonly kind: "unknown"; readonly runs: readonly string[] }
    | { readonly kind: "new" }
    | { readonly kind: "open"; readonly isOwn: boolean; readonly parent: string }
    | { readonly kind: "over"; readonly outcome: ChildEnd["outcome"]; readonly end: HandledEnd }
  );

export type Over = Extract<Child, { kind: "over" }>;

/** What is recorded of an item, whoever handed it over; what was called off is handed over anew. */
export function childOf(context: RunContext, call: Call, item: Item): Child {
  for (let time = 1; ; time += 1) {
    const child = childAt(context, call, { ...item, time });
    if (child.kind !== "called-off") return child;
  }
}

/** An item whose run an earlier run took along when it was called off was not handled. */
interface CalledOff {
  readonly kind: "called-off";
}

export interface ItemAtTime extends Item {
  readonly time: number;
}

function childAt(
  context: RunContext,
  { step, called }: Call,
  { time, ...item }: ItemAtTime,
): Child | CalledOff {
  const { project, id: run } = context.run.record;
  const { previousNames = [] } = called;
  const names = {
    projects: projectNames(context, project),
    pipelines: pipelineNames(context, project, { name: step.pipeline, previousNames }),
  };
  const ids = childIds(names, childSlot({ run, step: step.id, item: item.item }, time));
  const { handled } = context.observed;
  const runs = ids.filter((id) => !handled.has(id));
  const child = { ...item, run: ids[0] ?? "", time };
  if (runs.length > 0) return { ...child, kind: "unknown", runs };
  const record = ids.map((id) => handled.get(id) ?? null).find((found) => found !== null);
  if (record === undefined) return { ...child, kind: "new" };
  return isCalledOff(context, record)
    ? { kind: "called-off" }
    : { ...child, ...recorded(context, step, record) };
}

type KnownChild =
  | Pick<Extract<Child, { kind: "open" }>, "kind" | "run" | "isOwn" | "parent">
  | Pick<Over, "kind" | "run" | "outcome" | "end">;

/** In the run that handed it over itself, the end is the item's: a person may have called it off alone. */
function isCalledOff(context: RunContext, { parent, item, end }: HandledRecord): boolean {
  return item !== null && end?.result === "cancelled" && parent !== context.run.record.id;
}

function recorded(context: RunContext, step: PipelineStep, record: HandledRecord): KnownChild {
  const { run, parent, end, retriedBy } = record;
  const isOwn = parent === context.run.record.id && record.step === step.id;
  if (end === null) return { kind: "open", run: retriedBy ?? run, isOwn, parent };
  const outcome = outcomeOf(end);
  if (isOwn) return { kind: "over", run, end, outcome };
  if (outcome === "succeeded") return { kind: "over", run, end, outcome: "noop" };
  const reason = `${run} of ${parent} ${end.result}: ${end.reason}; fettle retry ${run}   tries it again`;
  return { kind: "over", run, end: { ...end, reason }, outcome };
}

export function outcomeOf({ result }: HandledEnd): ChildEnd["outcome"] {
  return result === "succeeded" || result === "degraded" ? "succeeded" : "failed";
}
