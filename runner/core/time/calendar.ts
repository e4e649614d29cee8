/** Cron and time zones. Like `instant.ts` it may construct a Date, always from a given instant. */
import { Cron } from "croner";
import { DAY_MS } from "./duration.ts";

interface CronTimes {
  readonly cron: string;
  readonly timezone: string;
}

/** `cron` does not come between the two instants, nor at the first; it comes at the second (null: never again). */
export interface Gap {
  readonly after: string;
  readonly next: string | null;
}

export function isGap(value: unknown): value is Gap {
  if (typeof value !== "object" || value === null) return false;
  if (!("after" in value && "next" in value)) return false;
  const { after, next } = value;
  return isInstant(after) && (next === null || (isInstant(next) && after < next));
}

/** As `toISOString` writes them, so that they compare as texts. */
function isInstant(value: unknown): value is string {
  return typeof value === "string" && INSTANT.test(value);
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u;

/** Gaps found lately, by cron and time zone: asking the calendar anew takes longer than the rest of a plan. */
const gaps = new Map<string, Gap>();
const GAPS_KEPT = 4096;

/** What is known of the calendar, to be given to `learnGaps` of another process. */
export function knownGaps(): Readonly<Record<string, Gap>> {
  return Object.fromEntries(gaps);
}

export function learnGaps(found: Readonly<Record<string, Gap>>): void {
  for (const [times, gap] of Object.entries(found).slice(-GAPS_KEPT)) gaps.set(times, gap);
}

/** The gap that all of the window lies in; undefined when none is known. */
function gapAround({ cron, timezone }: CronTimes, after: string, until: string): Gap | undefined {
  const gap = gaps.get(`${timezone} ${cron}`);
  const isIn = gap !== undefined && gap.after <= after && (gap.next === null || until < gap.next);
  return isIn ? gap : undefined;
}

interface DueWindow {
  readonly after: string;
  readonly until: string;
  readonly cap: number;
}

/** Times after `after` and not later than `until`, oldest first; the newest `cap` of them, found from the end. */
export function dueTimes(times: CronTimes, { after, until, cap }: DueWindow): string[] {
  if (gapAround(times, after, until) !== undefined) return [];
  const cron = new Cron(times.cron, { timezone: times.timezone, paused: true });
  const due = cron
    .previousRuns(cap + 1, new Date(Date.parse(until) + 1000))
    .map((time) => time.toISOString())
    .filter((time) => time > after && time <= until)
    .slice(0, cap)
    .toReversed();
  if (due.length === 0 && cap > 0) widenGap(times, after, until);
  return due;
}

/** A gap that begins within a stretch without times begins where that does. */
function widenGap({ cron, timezone }: CronTimes, after: string, until: string): void {
  const gap = gaps.get(`${timezone} ${cron}`);
  if (gap === undefined || gap.after <= after || gap.after > until) return;
  gaps.set(`${timezone} ${cron}`, { ...gap, after });
}

/** First time after `after`; null when there is none. */
export function nextTime(times: CronTimes, after: string): string | null {
  const known = gapAround(times, after, after);
  if (known !== undefined) return known.next;
  const cron = new Cron(times.cron, { timezone: times.timezone, paused: true });
  const next = cron.nextRun(new Date(after))?.toISOString() ?? null;
  if (gaps.size < GAPS_KEPT) gaps.set(`${times.timezone} ${times.cron}`, { after, next });
  return next;
}

/** The first `count` times after `after`, fewer when there are no more. */
export function nextTimes(times: CronTimes, after: string, count: number): string[] {
  const cron = new Cron(times.cron, { timezone: times.timezone, paused: true });
  return cron.nextRuns(count, new Date(after)).map((time) => time.toISOString());
}

/** Making one takes a hundred times as long as asking it. */
const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** Throws where there is no such time zone. */
function dayFormat(timezone: string): Intl.DateTimeFormat {
  const format =
    dayFormats.get(timezone) ?? new Intl.DateTimeFormat("en-CA", { timeZone: timezone });
  dayFormats.set(timezone, format);
  return format;
}

export function isTimezone(name: string): boolean {
  try {
    dayFormat(name);
    return true;
  } catch {
    return false;
  }
}

/** The calendar day (`2026-11-22`) of `instant` in `timezone`. */
export function localDay(instant: string, timezone: string): string {
  return dayFormat(timezone).format(new Date(instant));
}

/** The time of day (`08:30`) of `instant` in `timezone`. */
export function localTime(instant: string, timezone: string): string {
  const options = { timeZone: timezone, hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(instant));
}

/** As clocks of the time zone show the instant: `2026-11-26 10:00 (Europe/Berlin)`. */
export function clockWords(instant: string, timezone: string): string {
  const at = Date.parse(instant);
  const shown = new Date(at + aheadMs(at, timezone)).toISOString();
  return `${shown.slice(0, 10)} ${shown.slice(11, 16)} (${timezone})`;
}

/** A stretch of the calendar that people count in: it begins at midnight where they are. */
export interface CalendarWindow {
  readonly per: "day" | "week" | "month";
  readonly timezone: string;
}

const WINDOW_STARTS: Readonly<Record<CalendarWindow["per"], string>> = {
  day: "0 0 * * *",
  week: "0 0 * * 1",
  month: "0 0 1 * *",
};

/** How many of the instants lie in the window that `now` lies in, or after it. */
export function countInWindow(
  instants: readonly string[],
  now: string,
  { per, timezone }: CalendarWindow,
): number {
  return instants.filter(inWindow(now, { per, timezone })).length;
}

/** Whether an instant lies in the window that `now` lies in, or after it. */
export function inWindow(
  now: string,
  { per, timezone }: CalendarWindow,
): (instant: string) => boolean {
  const firstDay = windowFirstDay(localDay(now, timezone), per);
  return (instant) => localDay(instant, timezone) >= firstDay;
}

/** When the window after the one that `now` lies in begins. */
export function nextWindow(now: string, { per, timezone }: CalendarWindow): string | null {
  return nextTime({ cron: WINDOW_STARTS[per], timezone }, now);
}

/** First day of the calendar window that `day` lies in: the day, the Monday of its week, or the first of its month. */
export function windowFirstDay(day: string, per: CalendarWindow["per"]): string {
  switch (per) {
    case "day":
      return day;
    case "week": {
      const date = new Date(`${day}T00:00:00Z`);
      const sinceMonday = (date.getUTCDay() + 6) % 7;
      return new Date(date.getTime() - sinceMonday * DAY_MS).toISOString().slice(0, 10);
    }
    case "month":
      return `${day.slice(0, 7)}-01`;
  }
}

/** Days of the month that ends at the instant, whatever the time zone. */
export function daysOfMonthBefore(end: string): number {
  const middle = new Date(Date.parse(end) - 10 * DAY_MS);
  return new Date(Date.UTC(middle.getUTCFullYear(), middle.getUTCMonth() + 1, 0)).getUTCDate();
}

/** 1: Monday, 7: Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The instant at which clocks of the time zone show `time` (`08:30`) on that day: the first, where they show it twice; as much later as they leap, where they never show it. */
export function localInstant(day: string, time: string, timezone: string): string {
  const shown = Date.parse(`${day}T${time}:00Z`);
  const [before, after] = [-DAY_MS, DAY_MS].map((ms) => shown - aheadMs(shown + ms, timezone));
  const found = [before, after].filter(
    (at) => at !== undefined && at + aheadMs(at, timezone) === shown,
  );
  const first = found[0] ?? before ?? shown;
  return new Date(Math.min(first, found[1] ?? first)).toISOString();
}

const clockFormats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds by which clocks of the time zone are ahead of UTC. */
function aheadMs(at: number, timezone: string): number {
  const format = clockFormats.get(timezone) ?? clockFormat(timezone);
  clockFormats.set(timezone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? "00";
  const day = `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
  const shown = Date.parse(`${day}T${part("hour")}:${part("minute")}:${part("second")}Z`);
  return shown - Math.floor(at / 1000) * 1000;
}

function clockFormat(timeZone: string): Intl.DateTimeFormat {
  const [numeric, two] = ["numeric", "2-digit"] as const;
  const date = { year: numeric, month: two, day: two } as const;
  const time = { hour: two, minute: two, second: two, hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat("en-CA", { timeZone, ...date, ...time });
}
