/** What happens right now, as a view that events are folded into: the events that are stored, and the start of a step. */
import { isLost } from "#runner/core/gate/settle-gate.ts";
import type { ProgressEvent, StepStarted } from "#runner/core/progress-event.ts";

export interface LiveView {
  /** In the order in which they were first heard of. */
  readonly runs: ReadonlyMap<string, LiveRun>;
  readonly costMicros: number;
}

export interface LiveRun {
  readonly project: string;
  readonly since: string;
  readonly costMicros: number;
  readonly steps: ReadonlyMap<string, LiveStep>;
  /** How it ended; null while it goes on. */
  readonly result: string | null;
}

export interface LiveStep {
  readonly since: string;
  /** Null while something of it runs or waits. */
  readonly endedAt: string | null;
  /** Keys of the items at work; an attempt without item counts as "". */
  readonly running: ReadonlySet<string>;
  readonly done: number;
  readonly failed: number;
  /** A person is asked. */
  readonly waiting: boolean;
  readonly costMicros: number;
  /** What came last: a reason, a decision. */
  readonly note: string;
}

export const emptyView: LiveView = { runs: new Map(), costMicros: 0 };

type Of<Kind extends ProgressEvent["kind"]> = Extract<ProgressEvent, { kind: Kind }>;

/** The view after the event; an event that is no news of a run leaves it as it is. */
export function reduceProgress(view: LiveView, event: ProgressEvent): LiveView {
  if (!("run" in event)) return view;
  const before = view.runs.get(event.run) ?? newRun(event);
  const paid = event.kind === "step-finished" ? event.costMicros : 0;
  return {
    runs: new Map(view.runs).set(event.run, foldRun(before, event)),
    costMicros: view.costMicros + paid,
  };
}

function newRun({ project, at }: ProgressEvent): LiveRun {
  return { project, since: at, costMicros: 0, steps: new Map(), result: null };
}

function foldRun(run: LiveRun, event: Extract<ProgressEvent, { run: string }>): LiveRun {
  switch (event.kind) {
    case "run-started":
    case "effect-intended":
    case "spend-granted":
    case "spend-settled":
    case "effect-answered":
    case "step-checkpointed":
    case "result-overtaken":
      return run;
    case "step-started":
      return withStep(run, event, startStep);
    case "step-finished": {
      const after = withStep(run, event, finishStep);
      return { ...after, costMicros: run.costMicros + event.costMicros };
    }
    case "gate-queued":
      return withStep(run, event, (step) => ({ ...step, waiting: true, note: "is queued" }));
    case "gate-opened":
      return withStep(run, event, (step) => ({ ...step, waiting: true, note: "waits for you" }));
    case "gate-settled":
      return withStep(run, event, settleStep);
    case "wait-ended":
      return withStep(run, event, endWait);
    case "run-finished":
      return { ...run, result: event.result };
  }
}

function withStep<Event extends { readonly step: string; readonly at: string }>(
  run: LiveRun,
  event: Event,
  change: (step: LiveStep, event: Event) => LiveStep,
): LiveRun {
  const before = run.steps.get(event.step) ?? newStep(event.at);
  return { ...run, steps: new Map(run.steps).set(event.step, change(before, event)) };
}

function newStep(since: string): LiveStep {
  const counts = { done: 0, failed: 0, waiting: false, costMicros: 0 };
  return { since, endedAt: null, running: new Set(), ...counts, note: "" };
}

function startStep(step: LiveStep, event: StepStarted): LiveStep {
  const running = new Set(step.running).add(event.item ?? "");
  return {
    ...step,
    running,
    endedAt: null,
    note: event.attempt > 1 ? `attempt ${event.attempt}` : step.note,
  };
}

function finishStep(step: LiveStep, event: Of<"step-finished">): LiveStep {
  const running = new Set(step.running);
  running.delete(event.item ?? "");
  const isDone = event.outcome === "succeeded" || event.outcome === "noop";
  return {
    ...step,
    running,
    endedAt: running.size === 0 ? event.at : null,
    done: step.done + (isDone ? 1 : 0),
    failed: step.failed + (isDone ? 0 : 1),
    costMicros: step.costMicros + event.costMicros,
    note: isDone ? "" : `${event.outcome}: ${event.reason}`,
  };
}

function endWait(step: LiveStep, event: Of<"wait-ended">): LiveStep {
  const isDone = event.outcome === "succeeded";
  const counts = { done: isDone ? 1 : 0, failed: isDone ? 0 : 1 };
  return { ...step, ...counts, since: event.since, endedAt: event.at, note: event.reason };
}

function settleStep(step: LiveStep, event: Of<"gate-settled">): LiveStep {
  const isDone = !isLost(event.decision);
  const counts = { done: isDone ? 1 : 0, failed: isDone ? 0 : 1, waiting: false };
  return { ...step, ...counts, endedAt: event.at, note: event.decision };
}
