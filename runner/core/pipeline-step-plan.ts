/** A pipeline step: which runs it waits for, which it starts next, how they ended. */
import { isJsonObject } from "./json-object.ts";
import { isAtGate } from "#runner/core/gate/gate-decision.ts";
import { childSlot } from "./child-run.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import type { RunStart } from "./action.ts";
import { paramsOf } from "./param.ts";
import {
  childOf,
  outcomeOf,
  type Call,
  type Child,
  type ItemAtTime,
  type Over,
} from "./pipeline-child.ts";
import { recordedForecast } from "./forecast.ts";
import { pipelineForecast } from "./pipeline-forecast.ts";
import { initialOutputs, runBase } from "./run-base.ts";
import type { Scope } from "./run-scope.ts";
import { itemScope, itemsOf, type Item } from "./step-items.ts";
import {
  acting,
  ended,
  held,
  stepHold,
  together,
  wanting,
  type RunContext,
  type StepEnd,
  type StepPlan,
  experienceOf,
} from "./step-plan.ts";
import type { ChildEnd, HandledEnd, Pipeline, PipelineStep } from "#runner/schema/types.gen.ts";

const DEFAULT_PARALLEL = 4;
const NAMED = 3;

export function planPipelineStep(context: RunContext, step: PipelineStep, scope: Scope): StepPlan {
  const called = context.run.pipelines.get(step.pipeline);
  if (called === undefined) {
    return ended(failure(`the project has no pipeline ${step.pipeline}`, undefined));
  }
  const items = itemsOf(step, scope);
  if (!items.ok) return held(stepHold(context, step.id, items));
  const call: Call = { step, called, scope };
  const children = items.list.map((item) => childOf(context, call, item));
  const unknown = children.flatMap((child) => (child.kind === "unknown" ? child.runs : []));
  if (unknown.length > 0) return together(unknown.map((run) => wanting({ kind: "handled", run })));
  const over = children.filter((child) => child.kind === "over");
  const failed = over.find((child) => child.outcome === "failed");
  if (failed !== undefined && step.forEach !== undefined && step.onItemFailure === "fail") {
    return stopped(context, step, { children, failed });
  }
  return over.length < children.length ? planOpen(context, call, children) : endOf(step, over);
}

/** The ends that the record of the run keeps; called when all its steps are over. */
export function childEnds(context: RunContext, step: PipelineStep, scope: Scope): ChildEnd[] {
  const called = context.run.pipelines.get(step.pipeline);
  const items = itemsOf(step, scope);
  if (called === undefined || !items.ok) return [];
  return items.list
    .map((item) => childOf(context, { step, called, scope }, item))
    .filter((child) => child.kind === "over")
    .map(({ item, run, outcome, end }) => {
      return { step: step.id, item, run, outcome, result: end.result };
    });
}

/** Starts what fits beside the runs that are open. */
function planOpen(context: RunContext, call: Call, children: readonly Child[]): StepPlan {
  const { step } = call;
  const waiting = children.filter((child) => child.kind === "new");
  if (waiting.length > 0 && pipelineNow(context, step)?.suspend === true) {
    const open = openHold(context, step, { children, left: 0 });
    return together([held(suspendedHold(context, step)), ...open]);
  }
  const plans: StepPlan[] = [];
  let free = placesLeft(context, call, children);
  for (const child of waiting) {
    const plan = free > 0 ? startOf(context, call, child) : null;
    if (plan === null) continue;
    plans.push(plan);
    free -= plan.actions.length;
  }
  const left = waiting.length - plans.length;
  return together([...plans, ...openHold(context, step, { children, left })]);
}

/** `suspend` counts as main has it, not as it was when the run began. */
function pipelineNow(context: RunContext, step: PipelineStep): Pipeline | undefined {
  const version = context.workspace.projects.get(context.run.record.project);
  return version?.pipelines.get(step.pipeline);
}

function placesLeft(
  context: RunContext,
  { step, called }: Pick<Call, "step" | "called">,
  children: readonly Child[],
): number {
  const gates = [...context.observed.gates.values()];
  const isReleased = (run: string): boolean =>
    called.concurrency?.releaseAt === "gate" && gates.some((gate) => isAtGate(gate, run));
  const busy = children.filter((child) => child.kind === "open" && child.isOwn);
  return (step.maxParallel ?? DEFAULT_PARALLEL) - busy.filter(({ run }) => !isReleased(run)).length;
}

/** null: the step has started what bears this name in the same plan, so the next plan finds it. */
function startOf(context: RunContext, call: Call, { run, time, ...item }: Child): StepPlan | null {
  const { step, called, scope } = call;
  if (context.planned.runs.has(run)) return null;
  const given = evaluateValue(step.with ?? {}, itemScope(scope, item));
  if (!given.ok) return expressionHold(context, step, { item, why: given.reason });
  const params = paramsOf(called, isJsonObject(given.value) ? given.value : {});
  if (!params.ok) return expressionHold(context, step, { item, why: params.reason });
  context.planned.runs.add(run);
  return acting(startAction(context, call, { run, time, ...item, params: params.value }));
}

interface Starting extends ItemAtTime {
  readonly run: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Pinned to the version of the run that waits for it. */
function startAction(context: RunContext, { step, called }: Call, child: Starting): RunStart {
  const { run: parent, workspace, observed } = context;
  const { id: run, project, asOf, desired } = parent.record;
  const trigger = { kind: "pipeline" as const, run, step: step.id, item: child.item };
  const which = child.item === null ? "" : `, item ${child.item}`;
  const because = `step ${step.id} of ${run} asks for it${which}`;
  const { agents, pipelines } = parent;
  const params = { ...child.params };
  const forecast = pipelineForecast(called, {
    ...experienceOf({ workspace, observed }),
    agents,
    pipelines,
    params,
  });
  return {
    kind: "run-start",
    project,
    because,
    run: {
      id: child.run,
      project,
      pipeline: step.pipeline,
      slot: childSlot(trigger, child.time),
      trigger,
      params,
      asOf,
      desired,
      base: runBase(workspace.commit, observed.summaries.projects.get(project)),
      previous: { ...initialOutputs(called) },
      because,
      ...recordedForecast(forecast),
    },
    cursor: {},
    request: null,
    forecast,
  };
}

function expressionHold(
  context: RunContext,
  step: PipelineStep,
  { item: { item }, why }: { readonly item: Item; readonly why: string },
): StepPlan {
  const where = item === null ? "" : ` (item ${item})`;
  return held(stepHold(context, step.id, { reason: "expression", why: `${why}${where}` }));
}

function suspendedHold(context: RunContext, step: PipelineStep): ReturnType<typeof stepHold> {
  const why = `pipeline ${step.pipeline} is suspended`;
  return stepHold(context, step.id, {
    reason: "suspended",
    why,
    unblock: "remove `suspend: true`",
  });
}

interface Waiting {
  readonly children: readonly Child[];
  /** Items that find no free place. */
  readonly left: number;
}

/** What the step waits for. */
function openHold(
  context: RunContext,
  step: PipelineStep,
  { children, left }: Waiting,
): readonly StepPlan[] {
  const open = children.filter((child) => child.kind === "open");
  if (open.length === 0) return [];
  const runs = open.map(({ run, isOwn, parent }) => (isOwn ? run : `${run} of ${parent}`));
  const more = runs.length > NAMED ? ` and ${runs.length - NAMED} more` : "";
  const behind =
    left === 0 ? "" : `; ${left === 1 ? "1 more item waits" : `${left} more items wait`}`;
  const why = `it waits for ${runs.slice(0, NAMED).join(", ")}${more}${behind}`;
  return [held(stepHold(context, step.id, { reason: "dependency-not-ready", why }))];
}

interface Stopping {
  readonly children: readonly Child[];
  readonly failed: Over;
}

/** No further run starts; those that are open come to their end first. */
function stopped(
  context: RunContext,
  step: PipelineStep,
  { children, failed }: Stopping,
): StepPlan {
  const open = openHold(context, step, { children, left: 0 });
  return open.length > 0
    ? together(open)
    : ended(failure(`item ${failed.item ?? ""} failed: ${failed.end.reason}`, { items: [] }, 1));
}

function endOf(step: PipelineStep, children: readonly Over[]): StepPlan {
  const [first] = children;
  if (step.forEach === undefined && first !== undefined) return endOfOne(first);
  const value = { items: children.map(itemValue) };
  const failed = children.filter(({ outcome }) => outcome === "failed");
  const [lost] = failed;
  if (lost !== undefined && failed.length === children.length) {
    return ended(failure(`every item failed; first: ${lost.end.reason}`, value));
  }
  const reason = failed.length === 0 ? "" : `${failed.length} of ${children.length} items failed`;
  return ended({ result: "done", value, failedItems: failed.length, reason });
}

function endOfOne(child: Over): StepPlan {
  const { key: _, input: __, ...value } = itemValue(child);
  const { result, reason } = child.end;
  if (child.outcome !== "failed") {
    return ended({ result: "done", value, failedItems: 0, reason });
  }
  const how = result === "rejected" ? "rejected" : "failed";
  return ended({ result: how, value, failedItems: 0, reason: `${child.run} ${result}: ${reason}` });
}

interface ItemValue {
  readonly key: string | null;
  readonly input: unknown;
  readonly outcome: ChildEnd["outcome"];
  readonly outputs: unknown;
  readonly run: string;
  readonly result: HandledEnd["result"];
}

/** Outputs of a run that did not reach its end are those of the run before it, which say nothing of the item. */
function itemValue({ item, itemInput, outcome, run, end }: Over): ItemValue {
  const outputs = outcomeOf(end) === "succeeded" ? end.outputs : null;
  return { key: item, input: itemInput, outcome, outputs, run, result: end.result };
}

function failure(reason: string, value: unknown, failedItems = 0): StepEnd {
  return { result: "failed", value, failedItems, reason };
}
