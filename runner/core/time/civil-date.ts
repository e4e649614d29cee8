/** Arithmetic on ISO 8601 text: dates (`2026-11-22`) and instants (`2026-11-22T08:00:00Z`), without a clock or time zones. */

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UNIT_MS } from "./duration.ts";

/** A point in time, in milliseconds from 1970-01-01T00:00:00Z; `precision` is how it was written. */
interface Moment {
  readonly epochMs: number;
  readonly precision: "date" | "second" | "millisecond";
}

type Shifted =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };
type Days =
  | { readonly ok: true; readonly days: number }
  | { readonly ok: false; readonly reason: string };

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
const DURATION = /^(-?)(\d{1,9})([smhdw])$/;

/** A date or an instant moved by a duration such as `7d`, `-2h`, `90s`; a date moves by whole days only, an instant comes back in UTC. */
export function addDuration(moment: string, duration: string): Shifted {
  const from = parseMoment(moment);
  if (from === undefined) return notAMoment(moment);
  const durationMs = parseDuration(duration);
  if (durationMs === undefined) {
    return { ok: false, reason: `"${duration}" is no duration such as 2w, 7d, 2h, 5m or 90s` };
  }
  if (from.precision === "date" && durationMs % DAY_MS !== 0) {
    return { ok: false, reason: `${moment} is a date and moves by whole days, not by ${duration}` };
  }
  const text = formatMoment({ ...from, epochMs: from.epochMs + durationMs });
  if (text === undefined) {
    return { ok: false, reason: `${moment} moved by ${duration} leaves the years 0000 to 9999` };
  }
  return { ok: true, text };
}

/** Whole days from the first to the second, negative if that is earlier; a date counts as its midnight in UTC. */
export function daysBetween(from: string, to: string): Days {
  const [start, end] = [parseMoment(from), parseMoment(to)];
  if (start === undefined) return notAMoment(from);
  if (end === undefined) return notAMoment(to);
  return { ok: true, days: Math.trunc((end.epochMs - start.epochMs) / DAY_MS) + 0 };
}

/** The instant as it is recorded, for an instant in any offset or a date: its midnight in UTC; undefined for other text. */
export function instantOf(text: string): string | undefined {
  const moment = parseMoment(text);
  return moment === undefined ? undefined : formatMoment({ ...moment, precision: "millisecond" });
}

function notAMoment(text: string): { readonly ok: false; readonly reason: string } {
  return {
    ok: false,
    reason: `"${text}" is no date such as 2026-11-22 or instant such as 2026-11-22T08:00:00Z`,
  };
}

function parseMoment(text: string): Moment | undefined {
  const day = parseDay(text);
  return day === undefined ? parseInstant(text) : { epochMs: day * DAY_MS, precision: "date" };
}

function parseInstant(text: string): Moment | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, date = "", clock = "", fraction = "", zone = ""] = match;
  const [day, clockMs, offsetMs] = [parseDay(date), parseClock(clock), parseOffset(zone)];
  if (day === undefined || clockMs === undefined || offsetMs === undefined) return undefined;
  const fractionMs = Number(fraction.padEnd(3, "0").slice(0, 3));
  return {
    epochMs: day * DAY_MS + clockMs + fractionMs - offsetMs,
    precision: fraction === "" ? "second" : "millisecond",
  };
}

/** Milliseconds by which `+01:00` is ahead of UTC. */
function parseOffset(zone: string): number | undefined {
  if (zone === "Z") return 0;
  const aheadMs = parseClock(`${zone.slice(1)}:00`);
  return aheadMs !== undefined && zone.startsWith("-") ? -aheadMs : aheadMs;
}

/** Milliseconds from midnight of `hh:mm:ss`. */
function parseClock(text: string): number | undefined {
  if (!/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text)) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
}

/** Days from 1970-01-01 to a date of the calendar, nothing for text such as 2026-02-30. */
function parseDay(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const epochDay = daysFromCivil(year, month, day);
  return formatDay(epochDay) === text ? epochDay : undefined;
}

function parseDuration(text: string): number | undefined {
  const [, sign, count, unit = ""] = DURATION.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? undefined : (sign === "-" ? -1 : 1) * Number(count) * unitMs;
}

function formatMoment({ epochMs, precision }: Moment): string | undefined {
  const epochDay = Math.floor(epochMs / DAY_MS);
  const date = formatDay(epochDay);
  if (!DATE.test(date)) return undefined;
  if (precision === "date") return date;
  const ofDayMs = epochMs - epochDay * DAY_MS;
  const hour = digits(Math.floor(ofDayMs / HOUR_MS), 2);
  const minute = digits(Math.floor(ofDayMs / MINUTE_MS) % 60, 2);
  const second = digits(Math.floor(ofDayMs / SECOND_MS) % 60, 2);
  const fraction = precision === "millisecond" ? `.${digits(ofDayMs % SECOND_MS, 3)}` : "";
  return `${date}T${hour}:${minute}:${second}${fraction}Z`;
}

// The two conversions count years from March, so that the leap day ends the year, in eras of 400 years
// (Howard Hinnant, "chrono-compatible low-level date algorithms").

function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function formatDay(epochDay: number): string {
  const shifted = epochDay + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}
