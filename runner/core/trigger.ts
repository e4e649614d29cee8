/** What would start a pipeline now; due-ness follows from state, not from what woke the tick. */
import { entryOf } from "./entry.ts";
import { anewSlot, APART_MS } from "./clock-lead.ts";
import { dueTimes, nextTime } from "#runner/core/time/calendar.ts";
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { goalVerdict, type GoalVerdict } from "./goal.ts";
import type { Cursor, Hold } from "./action.ts";
import type { ProjectVersion } from "./model.ts";
import type { ProjectContext } from "./project-context.ts";
import { askedBy } from "./run-request.ts";
import { timezoneOf } from "./run-scope.ts";
import type {
  Pipeline,
  PipelineState,
  RetryRequest,
  RunRecord,
  Schedule,
} from "#runner/schema/types.gen.ts";

const CATCH_UP_CAP = 20;
const DEFAULT_SWEEP = "15m";
/** Clocks of machines that keep time are not this far apart. */

/** A run that a trigger asks for. */
export interface Candidate {
  readonly slot: string;
  readonly asOf: string;
  readonly trigger: RunRecord["trigger"];
  readonly cursor: Cursor;
  readonly params: Readonly<Record<string, unknown>>;
  readonly request: string | null;
  readonly because: string;
  /** It tries a run that has ended once more. */
  readonly retry?: RetryRequest;
}

export interface Triggered {
  /** In the order in which they should start. */
  readonly candidates: readonly Candidate[];
  readonly holds: readonly Hold[];
  readonly wakes: readonly (string | null)[];
}

export interface NamedPipeline {
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly state: PipelineState | undefined;
}

export function triggered(context: ProjectContext, named: NamedPipeline): Triggered {
  const schedule = bySchedule(context, named);
  const goals = byGoals(context, named);
  return {
    candidates: [
      ...byRequests(context, named.name),
      ...goals.candidates,
      ...schedule.candidates,
      ...byChanges(context, named),
    ],
    holds: [...schedule.holds, ...goals.holds],
    wakes: [...schedule.wakes, ...goals.wakes],
  };
}

function byRequests(context: ProjectContext, pipeline: string): readonly Candidate[] {
  return context.observed.requests
    .filter((request) => request.kind === "run" || request.kind === "retry")
    .filter((request) => request.project === context.version.name && request.pipeline === pipeline)
    .map((request) => ({
      slot: `request:${request.id}`,
      asOf: request.at,
      trigger: {
        kind: "manual",
        request: request.id,
        by: request.by,
        ...(request.reason === undefined ? {} : { reason: request.reason }),
      },
      cursor: {},
      params: request.params,
      request: request.id,
      because: askedBy(request),
      ...(request.kind === "run" ? {} : { retry: request }),
    }));
}

function bySchedule(context: ProjectContext, named: NamedPipeline): Triggered {
  const schedule = named.pipeline.triggers?.schedule;
  if (schedule === undefined || named.state === undefined) {
    return { candidates: [], holds: [], wakes: [] };
  }
  const timezone = schedule.timezone ?? timezoneOf(context.workspace.settings);
  const times = { cron: schedule.cron, timezone };
  const after = lastDue(named.pipeline, named.state);
  if (after > addMs(context.now, APART_MS)) return clocksApart(context, named.name, after);
  const due = dueTimes(times, { after, until: context.now, cap: CATCH_UP_CAP });
  return {
    candidates: wanted(schedule, due, context).map((instant) => ({
      slot: anewSlot(`schedule:${instant}`, named.state),
      asOf: instant,
      trigger: { kind: "schedule", due: instant },
      cursor: { lastDue: instant },
      params: {},
      request: null,
      because: `it was due at ${instant} (${schedule.cron}, ${timezone})`,
    })),
    holds: [],
    wakes: [nextTime(times, context.now)],
  };
}

/** Either this clock is behind, or that of the runner which recorded the last time was ahead: only a person can know. */
function clocksApart({ version, now }: ProjectContext, name: string, last: string): Triggered {
  const hold: Hold = {
    project: version.name,
    subject: `pipeline:${name}`,
    reason: "clocks-apart",
    why: `its last time on record is ${last}, and here it is ${now}: its schedule rests until then`,
    unblock: `set the clock of this machine; where it is right: fettle doctor --repair --now "<your watch>" takes the schedule back to now, and fettle run ${version.name}/${name} starts it by hand`,
    until: last,
  };
  return { candidates: [], holds: [hold], wakes: [last] };
}

/** With `skip` a time that passed while a run was open is dropped. */
function lastDue(pipeline: Pipeline, state: PipelineState): string {
  const cursor = state.lastDue ?? state.since;
  const ended = state.lastRun?.endedAt;
  const drops = pipeline.concurrency?.policy === "skip";
  return drops && ended !== undefined && ended > cursor ? ended : cursor;
}

function wanted(
  schedule: Schedule,
  due: readonly string[],
  context: ProjectContext,
): readonly string[] {
  switch (schedule.catchUp ?? "latest") {
    case "all":
      return due;
    case "latest":
      return due.slice(-1);
    case "skip": {
      const sweep = durationMs(context.workspace.settings.schedules?.sweep ?? DEFAULT_SWEEP);
      return due.slice(-1).filter((instant) => msBetween(instant, context.now) <= sweep);
    }
  }
}

function byGoals(context: ProjectContext, named: NamedPipeline): Triggered {
  const goals = Object.entries(context.version.manifest.goals ?? {}).filter(
    ([, goal]) => goal.pipelines.includes(named.name) && !isServed(context, goal.pipelines),
  );
  const verdicts = goals.map(([name, goal]) => {
    const state = entryOf(context.live?.goals, name);
    return { name, verdict: goalVerdict(goal, state, context.now) };
  });
  return {
    candidates: verdicts.flatMap(({ name, verdict }) => goalCandidate(name, verdict)),
    holds: verdicts.flatMap(({ name, verdict }) => goalHold(context.version, name, verdict)),
    wakes: verdicts.map(({ verdict }) => (verdict.kind === "hold" ? verdict.until : null)),
  };
}

/** A goal starts nothing while any run of its pipelines is open. */
function isServed(context: ProjectContext, pipelines: readonly string[]): boolean {
  return [...context.observed.runs.values()].some(
    ({ record }) => record.project === context.version.name && pipelines.includes(record.pipeline),
  );
}

function goalCandidate(goal: string, verdict: GoalVerdict): readonly Candidate[] {
  if (verdict.kind !== "start") return [];
  const { value, measurement, measuredAt } = verdict;
  return [
    {
      slot: `goal:${goal}:${measuredAt}`,
      asOf: measuredAt,
      trigger: { kind: "goal", goal, value, measurement },
      cursor: {},
      params: {},
      request: null,
      because: `goal ${goal} is not met: ${value ?? "unknown"}`,
    },
  ];
}

function goalHold(project: ProjectVersion, goal: string, verdict: GoalVerdict): readonly Hold[] {
  if (verdict.kind !== "hold") return [];
  const { reason, why, until } = verdict;
  const unblock =
    reason === "goal-stalled"
      ? `fettle explain ${goal}; fettle run ${project.name}/<pipeline>`
      : "";
  return [{ project: project.name, subject: `goal:${goal}`, reason, why, unblock, until }];
}

function byChanges(context: ProjectContext, named: NamedPipeline): readonly Candidate[] {
  const watched = context.observed.watched.get(`${context.version.name}/${named.name}`);
  const seen = named.state?.seenChanges;
  if (watched === undefined || seen === undefined || watched.digest === seen) return [];
  return [
    {
      // The same files may come and go: with the commit no later run gets the name, and the gates, of an earlier one.
      slot: `changes:${seen}:${watched.digest}:${context.workspace.commit}`,
      asOf: context.now,
      trigger: { kind: "changes", from: seen, to: watched.digest },
      cursor: { seenChanges: watched.digest },
      params: {},
      request: null,
      because: `files changed: ${(named.pipeline.triggers?.changes ?? []).join(", ")}`,
    },
  ];
}
