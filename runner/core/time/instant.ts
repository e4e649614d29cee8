/** Points in time, written in ISO 8601 and UTC with milliseconds. */
import { HOUR_MS } from "./duration.ts";

/** `instant` moved by `ms`. */
export function addMs(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString();
}

/** Milliseconds from `earlier` to `later`. */
export function msBetween(earlier: string, later: string): number {
  return Date.parse(later) - Date.parse(earlier);
}

/** Milliseconds from `nowMs` to a date in any form; NaN for what is none. */
export function msUntil(date: string, nowMs: number): number {
  return Date.parse(date) - nowMs;
}

/** Whole seconds since 1970, as git counts. */
export function secondsOf(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

/** Earliest of the instants that are not null. */
export function earliest(instants: readonly (string | null)[]): string | null {
  return instants.reduce<string | null>(
    (first, instant) => (instant !== null && (first === null || instant < first) ? instant : first),
    null,
  );
}

/** The last of them; null when there is none. */
export function latest(instants: readonly (string | null)[]): string | null {
  return instants.reduce<string | null>(
    (last, instant) => (instant !== null && (last === null || instant > last) ? instant : last),
    null,
  );
}

/** Start of the window of `lengthMs` that `instant` lies in; windows are counted from the epoch. */
export function windowStart(instant: string, lengthMs: number): string {
  const ms = Date.parse(instant);
  return new Date(ms - (ms % lengthMs)).toISOString();
}

/** The clock hour, such as `2026-11-26T08`. */
export function hourOf(instant: string): string {
  return instant.slice(0, 13);
}

/** When the next clock hour begins. */
export function nextHour(instant: string): string {
  return addMs(`${hourOf(instant)}:00:00.000Z`, HOUR_MS);
}
