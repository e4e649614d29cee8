/** Run starts and ends, and what happens to projects and requests: each one transaction, nothing executed. */
import { isAnsweredByEnd } from "#runner/core/run-request.ts";
import { beforeOf, earlierOf } from "#runner/core/earlier-run.ts";
import { handledAtEnd, handledAtStart, parentOf } from "#runner/core/child-run.ts";
import { costOf } from "#runner/core/money/cost.ts";
import type {
  ProjectApply,
  ProjectStall,
  RequestSettle,
  ResourcePrune,
  RunFinish,
  RunStart,
} from "#runner/core/action.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import type { EventOf, Transaction, LedgerEvent } from "#runner/core/ledger-event.ts";
import type { OpenRun, ProjectVersion } from "#runner/core/model.ts";
import {
  attemptPath,
  checkpointsPath,
  closedRunPath,
  decisionPath,
  gatePath,
  handledPath,
  requestPath,
  runPath,
  waitPath,
} from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import type {
  ClosedRun,
  HandledRecord,
  Pipeline,
  RetryRequest,
  RunRecord,
} from "#runner/schema/types.gen.ts";
import type { View } from "./engine.ts";
import { pipelineOf, specOf } from "./open-run.ts";

export function startRun(view: View, action: RunStart, at: string): Transaction {
  const record: RunRecord = { ...action.run, startedAt: at };
  const handled = handledAtStart(record);
  const event: LedgerEvent = {
    kind: "run-started",
    at,
    project: action.project,
    run: record.id,
    pipeline: record.pipeline,
    trigger: record.trigger,
    cursor: action.cursor,
    ...(handled?.retriedBy === undefined ? {} : { handles: handled.run }),
  };
  const removed = action.request === null ? [] : [[requestPath(action.request), null] as const];
  return transaction({
    event,
    files: [[runPath(record.id), record], ...handledFile(handled), ...removed],
    change: { kind: "run-opened", run: opened(view, record), request: action.request, handled },
  });
}

function handledFile(record: HandledRecord | null): readonly (readonly [string, HandledRecord])[] {
  return record === null ? [] : [[handledPath(record.run), record]];
}

/** A run that another one waits for has that one's version. */
function opened(view: View, record: RunRecord): OpenRun {
  const parent = view.observed.runs.get(parentOf(record)?.run ?? "");
  const called = parent?.pipelines.get(record.pipeline);
  if (parent !== undefined && called !== undefined) {
    const { agents, pipelines } = parent;
    return { ...NEW_RUN, record, pipeline: called, agents, pipelines };
  }
  const version = versionOf(view, record);
  const pipeline = version === undefined ? undefined : pipelineOf(version, record);
  if (version === undefined || pipeline === undefined) {
    throw new Error(`run ${record.id} has no pipeline`);
  }
  const { agents, pipelines } = version;
  return { ...NEW_RUN, record, pipeline, agents, pipelines, ...takenOver(view, record) };
}

/** A further try may be pinned to what the run before it was made with. */
function versionOf({ observed, workspace }: View, record: RunRecord): ProjectVersion | undefined {
  const ended = observed.ended.get(beforeOf(record)?.run ?? "");
  return ended?.closed.run.desired === record.desired
    ? ended.version
    : workspace.projects.get(record.project);
}

function takenOver({ observed }: View, record: RunRecord): Pick<OpenRun, "values" | "earlier"> {
  const ended = observed.ended.get(beforeOf(record)?.run ?? "");
  const earlier =
    ended === undefined
      ? undefined
      : earlierOf(record, ended.closed, specOf(ended.version, ended.closed));
  return { values: ended?.values ?? new Map<string, unknown>(), ...(earlier && { earlier }) };
}

const NEW_RUN = {
  attempts: [],
  decisions: [],
  waits: [],
  checkpoints: [],
  values: new Map<string, unknown>(),
};

/** Folds an open run into one file; its open gate, if any, closes with it. */
export function finishRun(view: View, action: RunFinish, at: string): Transaction {
  const run = view.observed.runs.get(action.run);
  if (run === undefined) throw new Error(`run ${action.run} is not open`);
  const closed: ClosedRun = {
    run: run.record,
    result: action.result,
    reason: action.reason,
    endedAt: at,
    costMicros: costOf(run.attempts),
    outputs: { ...action.outputs },
    attempts: [...run.attempts],
    gates: [...run.decisions],
    ...(run.waits.length === 0 ? {} : { waits: [...run.waits] }),
    ...(action.children === undefined ? {} : { children: [...action.children] }),
  };
  const handled = handledAtEnd(closed);
  const rework = reworkRequest(closed, action);
  const gone = [
    ...openFiles(run),
    ...openGates(view, action.run),
    ...view.observed.requests
      .filter((request) => isAnsweredByEnd(request, action.run))
      .map(({ id }) => requestPath(id)),
  ];
  return transaction({
    event: {
      ...finished(closed, { action, handled }),
      ...measured(closed, run.pipeline),
      ...(rework === null ? {} : { rework: rework.id }),
    },
    files: [
      [closedRunPath(action.run, at), closed],
      ...handledFile(handled),
      ...(rework === null ? [] : [[requestPath(rework.id), rework] as const]),
      ...gone.map((path) => [path, null] as const),
    ],
    change: { kind: "run-closed", run: action.run, handled },
  });
}

/** What an operator wants changed is tried once more without a further word. */
function reworkRequest(
  { run: { id: run, project, pipeline, params }, endedAt }: ClosedRun,
  { rework }: RunFinish,
): RetryRequest | null {
  if (rework === undefined) return null;
  const id = `retry-${shortDigest({ run, endedAt }, 12)}`;
  const which = { project, pipeline, run, endedAt, params };
  const { by, reason } = rework;
  const changes = [...rework.changes];
  return {
    id,
    kind: "retry",
    ...which,
    from: null,
    upgrade: false,
    changes,
    by,
    reason,
    at: endedAt,
  };
}

/** What a person ended says nothing about the pipeline. */
function measured(
  { run, endedAt, result }: ClosedRun,
  { slo }: Pipeline,
): { readonly ms?: number } {
  if (slo === undefined || result === "cancelled" || result === "rejected") return {};
  return { ms: Math.max(0, msBetween(run.startedAt, endedAt)) };
}

interface Finish {
  readonly action: RunFinish;
  readonly handled: HandledRecord | null;
}

function finished(
  { run, endedAt }: ClosedRun,
  { action, handled }: Finish,
): EventOf<"run-finished"> {
  const parent = parentOf(run);
  return {
    kind: "run-finished",
    at: endedAt,
    project: action.project,
    run: action.run,
    pipeline: run.pipeline,
    result: action.result,
    reason: action.reason,
    outputs: action.outputs,
    serves: action.serves,
    goal: action.goal,
    ...(parent === null
      ? {}
      : { parent: { run: parent.run, step: parent.step, item: parent.item } }),
    ...(parent !== null || handled === null ? {} : { handled: handled.run }),
    ...(action.children === undefined ? {} : { children: action.children }),
  };
}

function openFiles(run: OpenRun): readonly string[] {
  const { id } = run.record;
  return [
    runPath(id),
    ...run.attempts.map((attempt) => attemptPath(id, attempt, attempt.attempt)),
    ...run.decisions.map((decision) => decisionPath(id, decision.step)),
    ...run.waits.map((wait) => waitPath(id, wait.step)),
    ...run.checkpoints.map((saved) => checkpointsPath(id, saved)),
  ];
}

function openGates(view: View, run: string): readonly string[] {
  return [...view.observed.gates.values()]
    .filter(({ record }) => record.run === run)
    .map(({ record }) => gatePath(record.id));
}

export function applyProject(action: ProjectApply, at: string): Transaction {
  const { project, commit, digest, pipelines, goals, renamedFrom } = action;
  const applied = { at, project, commit, digest, pipelines, goals, renamedFrom };
  const earlier = action.earlier === undefined ? {} : { earlier: action.earlier };
  return transaction({ event: { kind: "project-applied", ...applied, ...earlier } });
}

export function stallProject({ project, commit, reason }: ProjectStall, at: string): Transaction {
  return transaction({ event: { kind: "project-stalled", at, project, commit, reason } });
}

export function removeProject({ project }: ResourcePrune, at: string): Transaction {
  return transaction({ event: { kind: "project-removed", at, project } });
}

export function settleRequest(action: RequestSettle, at: string): Transaction {
  const { project, request, reason } = action;
  return transaction({
    event: { kind: "request-settled", at, project, request, reason },
    files: [[requestPath(request), null]],
    change: { kind: "request", request },
  });
}
