/**
 * What a runner has recorded whose clock was ahead: instants that have not come yet, and what rests or counts because of
 * them. Setting it right takes them back to the present. Instants of effects count for their limits today: rather too
 * strict than twice. Receipts, and records of open runs, stay as they are.
 */
import { plus } from "#runner/core/money/amount.ts";
import { localDay, localTime } from "#runner/core/time/calendar.ts";
import { DAY_MS, HOUR_MS } from "#runner/core/time/duration.ts";
import { addMs, hourOf, msBetween } from "#runner/core/time/instant.ts";
import type { Summaries } from "./model.ts";
import type {
  GoalState,
  LiveProject,
  LiveWorkspace,
  Money,
  PipelineState,
} from "#runner/schema/types.gen.ts";

/** By how much two clocks may differ before somebody is told. */
export const APART_MS = HOUR_MS;

/** The present, as it is recorded. */
export interface Present {
  readonly at: string;
  /** Calendar day of the workspace. */
  readonly day: string;
}

export interface Lead {
  /** `the schedule of shop/chase`. */
  readonly what: string;
  readonly until: string;
}

const SAID = /^(?<day>\d{4}-\d\d-\d\d)[ T](?<time>\d\d:\d\d)$/u;

/** Whether this clock shows what a person says that it is now (`2026-03-03 12:00`), as near as clocks must be. */
export function isSaid(at: string, timezone: string, said: string): boolean {
  const { day, time } = SAID.exec(said)?.groups ?? {};
  if (day === undefined || time === undefined) return false;
  const here = `${localDay(at, timezone)}T${localTime(at, timezone)}:00.000Z`;
  return Math.abs(msBetween(here, `${day}T${time}:00.000Z`)) <= APART_MS;
}

/** What lies in the future of `present`; empty where all clocks agree. */
export function leadsOf({ workspace, projects }: Summaries, present: Present): readonly Lead[] {
  const rewind = new Rewind(present);
  rewind.workspace(workspace);
  for (const live of projects.values()) rewind.project(live);
  return rewind.leads;
}

/** The same workspace where nothing of it lies in the future. */
export function setWorkspaceRight(workspace: LiveWorkspace, present: Present): LiveWorkspace {
  const rewind = new Rewind(present);
  const after = rewind.workspace(workspace);
  return rewind.leads.length === 0 ? workspace : after;
}

/** The same project where nothing of it lies in the future. */
export function setProjectRight(live: LiveProject, present: Present): LiveProject {
  const rewind = new Rewind(present);
  const after = rewind.project(live);
  return rewind.leads.length === 0 ? live : after;
}

/** Where a wrong clock has had its times already, they come again under other names. */
export function anewSlot(slot: string, state: { readonly anew?: string } | undefined): string {
  return state?.anew === undefined ? slot : `${slot}:${state.anew}`;
}

class Rewind {
  readonly leads: Lead[] = [];
  readonly #at: string;
  readonly #day: string;
  readonly #latest: string;
  /** A day ahead is over within a day. */
  readonly #latestDay: string;

  constructor({ at, day }: Present) {
    this.#at = at;
    this.#day = day;
    this.#latest = addMs(at, APART_MS);
    this.#latestDay = addMs(`${day}T00:00:00.000Z`, DAY_MS).slice(0, 10);
  }

  project(live: LiveProject): LiveProject {
    const { project, pipelines, goals, spend, applied, stalled, uncertain } = live;
    const named = (name: string): string => `${project}/${name}`;
    const since = (instant: string): string => this.#instant(instant, `the version of ${project}`);
    return {
      ...live,
      ...(applied && { applied: { ...applied, at: since(applied.at) } }),
      ...(stalled && { stalled: { ...stalled, since: since(stalled.since) } }),
      ...(uncertain && {
        uncertain: uncertain.map((one) => ({
          ...one,
          since: this.#instant(one.since, `the doubt of ${one.onceKey}`),
        })),
      }),
      pipelines: mapped(pipelines, (state, name) => this.#pipeline(state, named(name))),
      goals: mapped(goals, (state, name) => this.#goal(state, named(name))),
      spend: this.#months(spend, project),
    };
  }

  workspace(workspace: LiveWorkspace): LiveWorkspace {
    const { effects, effectSums, gatesOpened, money } = workspace;
    return {
      ...workspace,
      effects: mapped(effects, (instants, agent) => this.#instants(instants, outside(agent))),
      ...(effectSums && {
        effectSums: mapped(effectSums, (units, agent) =>
          mapped(units, (sums) =>
            sums.map(({ at, micros }) => ({ at: this.#instant(at, outside(agent)), micros })),
          ),
        ),
      }),
      gatesOpened: this.#instants(gatesOpened, "gates that were opened, for reviewsPerDay"),
      ...(money && { money: this.#money(money) }),
    };
  }

  #pipeline(state: PipelineState, name: string): PipelineState {
    const { since, lastDue, lastRun, hour } = state;
    const before = this.leads.length;
    const schedule = `the schedule of ${name}`;
    const times = {
      since: this.#instant(since, schedule),
      ...(lastDue !== undefined && { lastDue: this.#instant(lastDue, schedule) }),
    };
    // What the wrong clock has had its times for comes again under names of its own.
    const anew = this.leads.length === before ? {} : { anew: this.#at };
    return {
      ...state,
      ...times,
      ...anew,
      ...(lastRun && {
        lastRun: { ...lastRun, endedAt: this.#instant(lastRun.endedAt, `the last run of ${name}`) },
      }),
      ...(hour && { hour: this.#hour(hour, name) }),
    };
  }

  #hour(hour: NonNullable<PipelineState["hour"]>, name: string): typeof hour {
    const start = `${hour.hour}:00:00.000Z`;
    const right = this.#instant(start, `runs of ${name}, for its limit per hour`);
    return right === start ? hour : { ...hour, hour: hourOf(right) };
  }

  #goal(state: GoalState, name: string): GoalState {
    const { measuredAt, lastRunEndedAt, history } = state;
    const before = this.leads.length;
    const what = `goal ${name}`;
    const right = (instant: string | null): string | null =>
      instant === null ? null : this.#instant(instant, what);
    const times = { measuredAt: right(measuredAt), lastRunEndedAt: right(lastRunEndedAt) };
    const anew = this.leads.length === before ? {} : { anew: this.#at };
    return {
      ...state,
      ...times,
      ...anew,
      history: history.map(({ at, value }) => ({ at: this.#instant(at, what), value })),
    };
  }

  #money(money: Money): Money {
    const { grants, days, models, accepted } = money;
    return {
      ...money,
      grants: grants.map((grant) => ({ ...grant, day: this.#dayOf(grant.day) })),
      days: this.#byDay(days, (a, b) => joined(a, b, plus)),
      models: this.#byDay(models, (a, b) => joined(a, b, plus)),
      accepted: this.#byDay(accepted, (a, b) =>
        joined(a, b, (one, other) => ({
          approved: one.approved + other.approved,
          delivered: one.delivered + other.delivered,
        })),
      ),
    };
  }

  #months(spend: LiveProject["spend"], project: string): LiveProject["spend"] {
    const after: Record<string, number> = {};
    for (const [month, micros] of Object.entries(spend)) {
      const isAhead = month > this.#latestDay.slice(0, 7);
      if (isAhead) this.#found(`what ${project} has spent`, `${month}-01T00:00:00.000Z`);
      const right = isAhead ? this.#at.slice(0, 7) : month;
      after[right] = (after[right] ?? 0) + micros;
    }
    return after;
  }

  #byDay<Value>(
    days: Readonly<Record<string, Value>>,
    join: (a: Value, b: Value) => Value,
  ): Record<string, Value> {
    const after: Record<string, Value> = {};
    for (const [day, value] of Object.entries(days)) {
      const right = this.#dayOf(day);
      const there = after[right];
      after[right] = there === undefined ? value : join(there, value);
    }
    return after;
  }

  #dayOf(day: string): string {
    if (day <= this.#latestDay) return day;
    this.#found("what was taken of budgets", `${day}T00:00:00.000Z`);
    return this.#day;
  }

  #instants(instants: readonly string[], what: string): string[] {
    return instants.map((instant) => this.#instant(instant, what));
  }

  #instant(instant: string, what: string): string {
    if (instant <= this.#latest) return instant;
    this.#found(what, instant);
    return this.#at;
  }

  #found(what: string, until: string): void {
    const known = this.leads.findIndex((lead) => lead.what === what);
    if (known === -1) this.leads.push({ what, until });
    else if ((this.leads[known]?.until ?? "") < until) this.leads[known] = { what, until };
  }
}

function outside(agent: string): string {
  return `what ${agent} did outside, for its limits`;
}

function mapped<Value, Other>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Other,
): Record<string, Other> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value, name)]),
  );
}

function joined<Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  join: (one: Value, other: Value) => Value,
): Record<string, Value> {
  const after: Record<string, Value> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const there = after[name];
    after[name] = there === undefined ? value : join(there, value);
  }
  return after;
}
