/** Whether a schedule ever comes due, and not more often than the runner looks. */
import { isTimezone, nextTimes } from "#runner/core/time/calendar.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import { type Found, pointer } from "./check-finding.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { closest } from "#runner/core/suggest.ts";
import type { Schedule } from "#runner/schema/types.gen.ts";

/** An instant to count from: the pattern of a schedule does not depend on it. */
const FROM = "2026-01-01T00:00:00.000Z";
const SAMPLED = 50;

interface Clock {
  readonly timezone: string;
  /** How often the runner looks: `15m`. */
  readonly sweep: string;
}

export function checkSchedule(schedule: Schedule, clock: Clock): readonly Found[] {
  const timezone = schedule.timezone ?? clock.timezone;
  if (!isTimezone(timezone)) {
    // The workspace's own time zone is checked where it is written.
    return schedule.timezone === undefined
      ? []
      : [timezoneFound(pointer("triggers", "schedule", "timezone"), timezone)];
  }
  const at = { pointer: pointer("triggers", "schedule", "cron") };
  if (schedule.cron.trim().split(/\s+/).length !== 5) {
    return [
      {
        code: "schedule/cron",
        ...at,
        message: `${schedule.cron} does not have five fields`,
        hint: 'such as "0 8 * * 1-5"',
      },
    ];
  }
  const rhythm = rhythmOf({ cron: schedule.cron, timezone });
  if (rhythm === "unreadable") {
    const message = `${schedule.cron} is not a schedule`;
    const hint = 'such as "0 8 * * 1-5": minute, hour, day of the month, month, day of the week';
    return [{ code: "schedule/cron", ...at, message, hint }];
  }
  if (rhythm === "never")
    return [{ code: "schedule/never", ...at, message: `${schedule.cron} never comes` }];
  if (rhythm >= durationMs(clock.sweep)) return [];
  const message = `${schedule.cron} comes more often than the runner looks (every ${clock.sweep})`;
  return [
    {
      code: "schedule/too-fine",
      ...at,
      message,
      hint: "make it rarer, or schedules.sweep of fettle.yaml shorter",
    },
  ];
}

export function timezoneFound(at: string, timezone: string): Found {
  const near = closest(timezone, Intl.supportedValuesOf("timeZone"));
  const hint = near === undefined ? "such as Europe/Berlin" : `did you mean ${near}?`;
  return {
    code: "schedule/timezone",
    pointer: at,
    message: `${timezone} is not a time zone`,
    hint,
  };
}

interface Pattern {
  readonly cron: string;
  readonly timezone: string;
}

/** Milliseconds between the two times that lie closest together (infinite where there is but one), or that it never comes. */
type Rhythm = number | "never" | "unreadable";

/** Looked at once: it takes longer than all other checks of a pipeline, and many share a schedule. */
const rhythms = new Map<string, Rhythm>();
const RHYTHMS_KEPT = 4096;

function rhythmOf(pattern: Pattern): Rhythm {
  const name = `${pattern.timezone} ${pattern.cron}`;
  const rhythm = rhythms.get(name) ?? sampled(pattern);
  if (rhythms.size < RHYTHMS_KEPT) rhythms.set(name, rhythm);
  return rhythm;
}

function sampled(pattern: Pattern): Rhythm {
  try {
    const times = nextTimes(pattern, FROM, SAMPLED);
    const gaps = times.slice(1).map((time, index) => msBetween(times[index] ?? time, time));
    return times.length === 0 ? "never" : Math.min(...gaps);
  } catch {
    return "unreadable";
  }
}
