/** Minutes of GitHub Actions: what a month will take, what it has taken, and when lanes wait for the sake of them. */
import { agentLevels } from "#runner/core/agent-levels.ts";
import {
  clockWords,
  nextTimes,
  localDay,
  localInstant,
  nextWindow,
  windowFirstDay,
} from "#runner/core/time/calendar.ts";
import { DAY_MS, durationMs } from "#runner/core/time/duration.ts";
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import { AROUND_LANES_MINUTES } from "./lane-bill.ts";
import { billedMinutes, START_MS } from "./lane-pack.ts";
import { looksIn } from "#runner/core/time/look-schedule.ts";
import type { Observed, ProjectVersion, Workspace } from "#runner/core/model.ts";
import { pipelineForecast, type Forecasting } from "#runner/core/pipeline-forecast.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import type { Actions, Pipeline } from "#runner/schema/types.gen.ts";

export interface MinutesFacts {
  readonly workspace: Workspace;
  readonly observed: Pick<Observed, "summaries">;
  readonly now: string;
}

export interface MinutesStanding {
  /** Of a month of 30 days, by the schedules of now; runs that goals, changes and people start are not in it. */
  readonly month: { readonly looks: number; readonly waves: number };
  /** Of this calendar month. */
  readonly used: { readonly looks: number; readonly lanes: number };
  /** What the looks until the end of this month will take. */
  readonly coming: number;
  /** null: no ceiling is declared. */
  readonly limit: number | null;
  readonly level: "fine" | "spare" | "full";
  /** When the month ends. */
  readonly until: string;
}

const MONTH_MS = 30 * DAY_MS;

export function minutesStanding(facts: MinutesFacts): MinutesStanding {
  const { workspace, observed, now } = facts;
  const { actions = {} } = workspace.settings;
  const timezone = timezoneOf(workspace.settings);
  const firstDay = windowFirstDay(localDay(now, timezone), "month");
  const until = nextWindow(now, { per: "month", timezone }) ?? now;
  const days = Object.entries(observed.summaries.workspace.lanes?.days ?? {});
  const lanes = days.reduce((sum, [day, minutes]) => sum + (day >= firstDay ? minutes : 0), 0);
  const looks = looksIn(msBetween(localInstant(firstDay, "00:00", timezone), now), actions);
  const coming = looksIn(msBetween(now, until), actions);
  const limit = actions.minutes ?? null;
  return {
    month: { looks: looksIn(MONTH_MS, actions), waves: wavesOf(facts) },
    used: { looks, lanes },
    coming,
    limit,
    level: levelOf(actions, looks + lanes + coming),
    until,
  };
}

/** The looks to come are set aside: what people decide is seen to the last day. */
function levelOf({ minutes, spareFrom = 0.8 }: Actions, taken: number): MinutesStanding["level"] {
  if (minutes === undefined) return "fine";
  if (taken + LEAST_WAVE_MINUTES > minutes) return "full";
  return taken >= spareFrom * minutes ? "spare" : "fine";
}

const LEAST_WAVE_MINUTES = AROUND_LANES_MINUTES + 1;

export interface LaneWait {
  readonly why: string;
  readonly until: string;
}

/** Why no lane is opened now; null where one may be. */
export function laneWait(facts: MinutesFacts): LaneWait | null {
  const { atCeiling = "hold" } = facts.workspace.settings.actions ?? {};
  const standing = minutesStanding(facts);
  switch (standing.level) {
    case "fine":
      return null;
    case "full":
      return atCeiling === "go-on" ? null : { why: takenWords(standing), until: standing.until };
    case "spare":
      return spared(facts, standing);
  }
}

/** An instant that is yet to come was written by a clock that was ahead. */
function spared(
  { workspace, observed, now }: MinutesFacts,
  standing: MinutesStanding,
): LaneWait | null {
  const { spareEvery = "1d" } = workspace.settings.actions ?? {};
  const last = observed.summaries.workspace.lanes?.at;
  if (last === undefined || last > now) return null;
  const until = addMs(last, durationMs(spareEvery));
  const why = `${takenWords(standing)}: lanes are opened only every ${spareEvery}`;
  return until <= now ? null : { why, until };
}

function takenWords({ used, limit, coming }: MinutesStanding): string {
  return `${used.looks + used.lanes} of the ${limit ?? 0} minutes of GitHub Actions are used, and looking takes ${coming} more until the month ends`;
}

/** Minutes of all waves that schedules bring in a month. */
function wavesOf(facts: MinutesFacts): number {
  const projects = [...facts.workspace.projects.values()];
  return projects.reduce((sum, version) => sum + wavesOfProject(facts, version), 0);
}

function wavesOfProject(facts: MinutesFacts, version: ProjectVersion): number {
  const { workspace, observed } = facts;
  const { agents, pipelines } = version;
  const { stats } = observed.summaries;
  const known = { workspace, stats, agents, pipelines, params: {} };
  const most = looksIn(MONTH_MS, workspace.settings.actions ?? {});
  const ofPipelines = [...pipelines.values()].map(
    (pipeline) => Math.min(most, timesOf(facts, pipeline)) * waveMinutes(pipeline, known),
  );
  const goals = Object.values(version.manifest.goals ?? {});
  const ofGoals = goals.map(
    ({ check }) => Math.min(most, Math.ceil(MONTH_MS / durationMs(check))) * LEAST_WAVE_MINUTES,
  );
  return [...ofPipelines, ...ofGoals].reduce((sum, minutes) => sum + minutes, 0);
}

/** How often its schedule comes; several of them between two looks are one. */
function timesOf({ workspace, now }: MinutesFacts, { triggers, suspend }: Pipeline): number {
  const schedule = triggers?.schedule;
  if (schedule === undefined || suspend === true) return 0;
  const most = looksIn(MONTH_MS, workspace.settings.actions ?? {});
  const timezone = schedule.timezone ?? timezoneOf(workspace.settings);
  const end = addMs(now, MONTH_MS);
  return nextTimes({ cron: schedule.cron, timezone }, now, most).filter((at) => at < end).length;
}

/** Steps that need each other take a wave each: one machine plans, one works, one settles. */
function waveMinutes(pipeline: Pipeline, known: Forecasting): number {
  const waves = agentLevels(pipeline, known.pipelines);
  if (waves === 0) return 0;
  const { ms } = pipelineForecast(pipeline, known);
  return waves * AROUND_LANES_MINUTES + Math.max(waves, billedMinutes(waves * START_MS + ms));
}

export function waitWords({ why, until }: LaneWait, timezone: string): string {
  return `no lane is opened before ${clockWords(until, timezone)}: ${why}`;
}
