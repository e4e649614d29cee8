/** When the operator looks: working days, absences and the times of the briefings. */
import { dueTimes, localDay, localTime, nextTime } from "#runner/core/time/calendar.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs, earliest } from "#runner/core/time/instant.ts";
import type { Attention } from "#runner/schema/types.gen.ts";

export interface Hours {
  /** The operator is away: nothing is shown, whatever it is. */
  readonly isAway: boolean;
  /** No day of work: only what is critical is shown. */
  readonly isDayOff: boolean;
  /** When the next day of work begins; null: never. */
  readonly nextDay: string | null;
  /** Briefings gather what is not urgent. */
  readonly hasBriefings: boolean;
  /** The last briefing of today whose time has come. */
  readonly slot: string | null;
  readonly nextSlot: string | null;
  /** The briefings of the last day before today that had any; null where one of today has come. */
  readonly missed: { readonly first: string; readonly last: string } | null;
}

interface Where {
  readonly attention: Attention;
  readonly timezone: string;
}

/** Whoever writes down more of them is not waited for. */
const MOST_ABSENCES = 1000;
/** Even who works one day a week had a briefing since. */
const DAYS_BACK = 8;

export function hoursAt({ attention, timezone }: Where, now: string): Hours {
  const where = { attention, timezone };
  const today = localDay(now, timezone);
  const isAway = isAwayOn(attention, today);
  const midnight = { cron: `0 0 * * ${daysOf(attention)}`, timezone };
  const slots = (attention.briefings ?? []).map((time) => slotTimes(where, time));
  const after = addMs(now, -DAYS_BACK * DAY_MS);
  const passed = slots
    .flatMap((times) => dueTimes(times, { after, until: now, cap: DAYS_BACK }))
    .toSorted();
  const slot = passed.findLast((time) => localDay(time, timezone) === today) ?? null;
  return {
    isAway,
    isDayOff: !isWorkday(where, now),
    nextDay: nextPresent(where, midnight, now),
    hasBriefings: slots.length > 0,
    slot: isAway ? null : slot,
    nextSlot: earliest(slots.map((times) => nextPresent(where, times, now))),
    missed: isAway || slot !== null ? null : lastDayOf(where, passed),
  };
}

/** Of the last day on which the operator was there. */
function lastDayOf({ attention, timezone }: Where, slots: readonly string[]): Hours["missed"] {
  const last = slots.findLast((slot) => !isAwayOn(attention, localDay(slot, timezone)));
  if (last === undefined) return null;
  const day = localDay(last, timezone);
  return { first: slots.find((slot) => localDay(slot, timezone) === day) ?? last, last };
}

/** The name of a briefing: the time where the operator is, `2026-11-26-0830`. */
export function slotName(slot: string, timezone: string): string {
  return `${localDay(slot, timezone)}-${localTime(slot, timezone).replace(":", "")}`;
}

type Times = Parameters<typeof nextTime>[0];

function slotTimes({ attention, timezone }: Where, time: string): Times {
  const [hour = "0", minute = "0"] = time.split(":");
  return { cron: `${Number(minute)} ${Number(hour)} * * ${daysOf(attention)}`, timezone };
}

const DAYS: readonly string[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** As cron counts them; a stretch such as fri-mon goes on into the next week. */
function daysOf({ days }: Attention): string {
  if (days === undefined) return "*";
  const numbers = days.split(",").flatMap((part) => {
    const [first = "", last = first] = part.split("-");
    const from = DAYS.indexOf(first);
    const length = (DAYS.indexOf(last) - from + DAYS.length) % DAYS.length;
    return Array.from({ length: length + 1 }, (_, day) => ((from + day) % DAYS.length) + 1);
  });
  return [...new Set(numbers)].join(",");
}

function isWorkday({ attention, timezone }: Where, now: string): boolean {
  const times = { cron: `0 0 * * ${daysOf(attention)}`, timezone };
  const [midnight] = dueTimes(times, { after: addMs(now, -2 * DAY_MS), until: now, cap: 1 });
  return midnight !== undefined && localDay(midnight, timezone) === localDay(now, timezone);
}

/** From the end of one absence to that of the next. */
function nextPresent({ attention, timezone }: Where, times: Times, now: string): string | null {
  let next = nextTime(times, now);
  for (let left = MOST_ABSENCES; next !== null && left > 0; left -= 1) {
    const until = awayUntil(attention, localDay(next, timezone));
    if (until === null) return next;
    const last = `${until}T00:00:00.000Z`;
    next = nextTime(times, last > next ? last : next);
  }
  return null;
}

/** The last day of the absence that the day belongs to. */
function awayUntil({ away }: Attention, day: string): string | null {
  return (away ?? []).find(({ from, to }) => from <= day && day <= to)?.to ?? null;
}

function isAwayOn(attention: Attention, day: string): boolean {
  return awayUntil(attention, day) !== null;
}
