/** What one project needs next: measurements, new runs, the steps of open runs, deliveries. */
import { applyFirst, isApplied } from "./apply-plan.ts";
import { entryOf } from "./entry.ts";
import { isQueued, pressureOn } from "#runner/core/gate/back-pressure.ts";
import { isAtGate } from "#runner/core/gate/gate-decision.ts";
import { dueMeasurement, measurePipeline, measurePipelineName, nextCheck } from "./goal.ts";
import { parentOf } from "./child-run.ts";
import { dueReview, MEMORY_REVIEW, reviewPipeline } from "#runner/core/memory/memory-review.ts";
import { planUndoRequests } from "#runner/core/undo/undo-run.ts";
import { planDrift } from "./drift.ts";
import { planDelivery } from "./delivery.ts";
import { runId } from "./identifier.ts";
import type { Action, Cursor, Hold, RunStart } from "./action.ts";
import type { OpenRun } from "./model.ts";
import { paramsOf } from "./param.ts";
import { recordedForecast } from "./forecast.ts";
import { experienceOf } from "./step-plan.ts";
import { pipelineForecast } from "./pipeline-forecast.ts";
import { initialOutputs, runBase } from "./run-base.ts";
import { NOTHING, openRunsOf, type ProjectContext, type ProjectPlan } from "./project-context.ts";
import { replacement, type Replacement } from "./replace.ts";
import { stopHold, stopOf } from "./stop.ts";
import { retried, whyNotStarted } from "./retried-run.ts";
import { triggered, type Candidate, type NamedPipeline, type Triggered } from "./trigger.ts";
import type { Pipeline, RunRecord } from "#runner/schema/types.gen.ts";

/** Starts of runs and measurements, and deliveries; nothing starts before the version is applied. */
export function planProject(context: ProjectContext): ProjectPlan {
  const { version, live } = context;
  if (live === undefined || !isApplied(context)) return applyFirst(context);
  if (context.workspace.settings.suspend === true || version.manifest.suspend === true) {
    return { ...NOTHING, holds: [suspendedHold(version.name, "project")] };
  }
  const stop = stopOf(context.observed.requests, { project: version.name });
  if (stop !== undefined) return { ...NOTHING, holds: [stopHold(stop, version.name, "project")] };
  const parts = [
    measurements(context),
    ...[...version.pipelines].map(([name, pipeline]) =>
      starts(context, { name, pipeline, state: entryOf(live.pipelines, name) }),
    ),
    review(context),
    planUndoRequests(context),
    planDrift(context),
    planDelivery(context),
  ];
  return {
    actions: parts.flatMap((part) => part.actions),
    holds: parts.flatMap((part) => part.holds),
    wakes: parts.flatMap((part) => part.wakes),
    wants: parts.flatMap((part) => part.wants),
    yielding: parts.flatMap((part) => part.yielding),
  };
}

function suspendedHold(project: string, subject: string): Hold {
  return {
    project,
    subject,
    reason: "suspended",
    why: "it is suspended",
    unblock: "remove `suspend: true`",
    until: null,
  };
}

function measurements(context: ProjectContext): ProjectPlan {
  const { version, live, now } = context;
  const goals = Object.entries(version.manifest.goals ?? {});
  const actions = goals.flatMap(([name, goal]) => {
    const due = dueMeasurement(goal, entryOf(live?.goals, name), { now, live });
    const pipeline = measurePipelineName(name);
    if (due === null || openRunsOf(context, pipeline).length > 0) return [];
    return [
      runStart(context, "goal-measure", {
        name: pipeline,
        pipeline: measurePipeline(goal),
        candidate: {
          ...due,
          trigger: { kind: "check", goal: name },
          cursor: {},
          params: {},
          request: null,
        },
        previous: {},
      }),
    ];
  });
  return { ...NOTHING, actions, wakes: goals.map(([, goal]) => nextCheck(goal, now)) };
}

/** While one is open, what else is proposed waits for the next one. */
function review(context: ProjectContext): ProjectPlan {
  const candidate = dueReview(context.live, context.now);
  if (candidate === null || openRunsOf(context, MEMORY_REVIEW).length > 0) return NOTHING;
  const pipeline = reviewPipeline();
  const start = runStart(context, "run-start", {
    name: MEMORY_REVIEW,
    pipeline,
    candidate,
    previous: {},
  });
  return { ...NOTHING, actions: [start] };
}

function starts(context: ProjectContext, named: NamedPipeline): ProjectPlan {
  if (named.pipeline.suspend === true) {
    const hold = suspendedHold(context.version.name, `pipeline:${named.name}`);
    return { ...NOTHING, holds: [hold] };
  }
  const project = context.version.name;
  const stop = stopOf(context.observed.requests, { project, pipeline: named.name });
  if (stop !== undefined) {
    return { ...NOTHING, holds: [stopHold(stop, project, `pipeline:${named.name}`)] };
  }
  const due = triggered(context, named);
  const refused = refusedRequests(context, named, due);
  const [first, ...rest] = due.candidates.filter((candidate) => !refused.has(candidate));
  const refusals = [...refused].map(([candidate, reason]) => refusal(context, candidate, reason));
  const { holds, wakes } = due;
  if (first === undefined) return { ...NOTHING, actions: refusals, holds, wakes };
  const blocking = triggeredRunsOf(context, named.name).filter(
    (run) => !isReleased(context, named, run),
  );
  const start = startOf(context, named, first);
  const { actions, yielding, words } = makeRoom(context, { named, blocking, start });
  const waiting = blocking.length > 0 ? [first, ...rest] : rest;
  return {
    ...NOTHING,
    actions: [...refusals, ...actions],
    holds: [...holds, ...waiting.map((candidate) => queued(context, named, { candidate, words }))],
    wakes,
    yielding,
  };
}

interface Room {
  readonly named: NamedPipeline;
  readonly blocking: readonly OpenRun[];
  readonly start: RunStart;
}

type MadeRoom = Omit<Replacement, "actions"> & Pick<ProjectPlan, "actions">;

/** The start of the run, or what must come before it while others are open. */
function makeRoom(context: ProjectContext, { named, blocking, start }: Room): MadeRoom {
  const pressure = blocking.some((run) => isQueued(context, run))
    ? pressureOn(context, { project: context.version.name, pipeline: named.name })
    : null;
  const words = pressure?.why ?? "it starts when the open run has ended";
  if (blocking.length === 0) return { actions: [start], yielding: [], words };
  return named.pipeline.concurrency?.policy === "replace"
    ? replacement(context, blocking, start.run)
    : { actions: [], yielding: [], words };
}

/** Requests whose parameters do not fit, with the reason. */
function refusedRequests(
  context: ProjectContext,
  named: NamedPipeline,
  due: Triggered,
): ReadonlyMap<Candidate, string> {
  const refused = new Map<Candidate, string>();
  for (const candidate of due.candidates) {
    const reason = whyNotStarted(context, named.pipeline, candidate);
    if (candidate.request !== null && reason !== null) refused.set(candidate, reason);
    if (candidate.request !== null && !isRework(candidate) && drops(context, named)) {
      refused.set(candidate, "a run is open, and concurrency.policy is skip");
    }
  }
  return refused;
}

/** It takes the place of a run that an operator wants changed: it waits for its turn. */
function isRework({ retry }: Candidate): boolean {
  return retry?.changes !== undefined;
}

function drops(context: ProjectContext, named: NamedPipeline): boolean {
  return (
    named.pipeline.concurrency?.policy === "skip" && triggeredRunsOf(context, named.name).length > 0
  );
}

function refusal(context: ProjectContext, candidate: Candidate, reason: string): Action {
  return {
    kind: "request-settle",
    project: context.version.name,
    because: reason,
    request: candidate.request ?? "",
    reason,
  };
}

/** Runs that steps of other runs started are limited by those steps. */
function triggeredRunsOf(context: ProjectContext, pipeline: string): readonly OpenRun[] {
  return openRunsOf(context, pipeline).filter(({ record }) => parentOf(record) === null);
}

/** With `releaseAt: gate` a run that waits at a gate lets the next one start. */
function isReleased(context: ProjectContext, named: NamedPipeline, run: OpenRun): boolean {
  return (
    named.pipeline.concurrency?.releaseAt === "gate" &&
    ([...context.observed.gates.values()].some((gate) => isAtGate(gate, run.record.id)) ||
      (isQueued(context, run) && pressureOn(context, run.record) === null))
  );
}

interface Queued {
  readonly candidate: Candidate;
  readonly words: string;
}

function queued(context: ProjectContext, named: NamedPipeline, { candidate, words }: Queued): Hold {
  return {
    project: context.version.name,
    subject: `pipeline:${named.name}`,
    reason: "concurrency",
    why: `${candidate.because}, and a run is open already: ${words}`,
    unblock: "",
    until: null,
  };
}

function startOf(context: ProjectContext, named: NamedPipeline, candidate: Candidate): RunStart {
  const previous = { ...initialOutputs(named.pipeline), ...named.state?.previous };
  return runStart(context, "run-start", { ...named, candidate, previous });
}

interface NewRun {
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly candidate: Candidate;
  readonly previous: Readonly<Record<string, unknown>>;
}

function runStart(context: ProjectContext, kind: RunStart["kind"], start: NewRun): RunStart {
  const { version, live, workspace } = context;
  const { candidate, name } = start;
  const params = paramsOf(start.pipeline, candidate.params);
  const cursor: Cursor = candidate.cursor;
  const fresh: Omit<RunRecord, "startedAt"> = {
    id: runId(version.name, name, candidate.slot),
    project: version.name,
    pipeline: name,
    slot: candidate.slot,
    trigger: candidate.trigger,
    params: params.ok ? { ...params.value } : {},
    asOf: candidate.asOf,
    desired: version.commit,
    base: runBase(workspace.commit, live),
    previous: { ...start.previous },
    because: candidate.because,
  };
  const run = retried(fresh, candidate, context.observed);
  const { agents, pipelines } = version;
  const forecast = pipelineForecast(start.pipeline, {
    ...experienceOf(context),
    agents,
    pipelines,
    params: run.params,
  });
  return {
    kind,
    project: version.name,
    because: candidate.because,
    run: { ...run, ...recordedForecast(forecast) },
    cursor,
    request: candidate.request,
    forecast,
  };
}
