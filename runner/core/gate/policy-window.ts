/** Times at which steps may begin: `policy.windows`. A window that denies wins over all that allow. */
import { dayAfter, localDay, localInstant, weekdayOf } from "#runner/core/time/calendar.ts";
import { weekdaysOf } from "#runner/core/time/weekdays.ts";
import type { Effects, PolicyWindow } from "#runner/schema/types.gen.ts";

/** What is about to begin. */
export interface Beginning {
  readonly effects: Effects;
  readonly project: string;
  readonly pipeline: string;
}

export interface Closed {
  /** The window that denies; null where it is outside of those that allow. */
  readonly by: PolicyWindow | null;
  /** Those that allow, by name. */
  readonly allowing: readonly string[];
  /** When it may begin; null: not within the next months. */
  readonly until: string | null;
}

const SOON_DAYS = 14;
const FAR_DAYS = 120;
const LAST_DAYS = 3;
const MIDNIGHT = "24:00";

/** null where it may begin now. */
export function closedAt(
  windows: readonly PolicyWindow[],
  about: Beginning,
  { now, timezone }: { readonly now: string; readonly timezone: string },
): Closed | null {
  const meant = windows
    .filter((window) => isMeant(window, about))
    .map((window) => ({ timezone, ...window }));
  const verdict = verdictAt(meant, now);
  if (verdict === "open") return null;
  const allowing = meant.flatMap(({ allow }) => allow ?? []);
  return { by: verdict === "outside" ? null : verdict, allowing, until: nextOpening(meant, now) };
}

type Zoned = PolicyWindow & { readonly timezone: string };

/** Without a word about it a window is about external effects. */
function isMeant({ for: about = {} }: PolicyWindow, beginning: Beginning): boolean {
  const { effects = ["external"], project, pipeline } = about;
  return (
    effects.includes(beginning.effects) &&
    (project === undefined || project === beginning.project) &&
    (pipeline === undefined || pipeline === beginning.pipeline)
  );
}

function verdictAt(windows: readonly Zoned[], at: string): Zoned | "open" | "outside" {
  const denying = windows.find(({ deny, ...window }) => deny !== undefined && covers(window, at));
  if (denying !== undefined) return denying;
  const allowing = windows.filter(({ allow }) => allow !== undefined);
  const isOpen = allowing.length === 0 || allowing.some((window) => covers(window, at));
  return isOpen ? "open" : "outside";
}

interface Span {
  readonly from: string;
  /** Not part of it. */
  readonly to: string;
}

/** A window may have begun the day before. */
function covers(window: Omit<Zoned, "deny">, at: string): boolean {
  const today = localDay(at, window.timezone);
  return [dayAfter(today, -1), today]
    .flatMap((day) => spansOn(window, day))
    .some(({ from, to }) => from <= at && at < to);
}

function spansOn(window: Omit<Zoned, "deny">, day: string): readonly Span[] {
  if (!isDayOf(window, day)) return [];
  const { from = "00:00", to = MIDNIGHT, timezone } = window;
  const lastDay = to === MIDNIGHT || to <= from ? dayAfter(day, 1) : day;
  const last = to === MIDNIGHT ? "00:00" : to;
  return [{ from: localInstant(day, from, timezone), to: localInstant(lastDay, last, timezone) }];
}

/** On these days of the week, and on these dates; every day where neither is said. */
function isDayOf({ days, dates }: Pick<PolicyWindow, "days" | "dates">, day: string): boolean {
  if (days === undefined && dates === undefined) return true;
  const isWeekday = days !== undefined && weekdaysOf(days)?.has(weekdayOf(day)) === true;
  return isWeekday || (dates ?? []).some((date) => isAmong(date, day));
}

/** `2026-12-24`, or `2026-12-24..2027-01-01` with both of them. */
function isAmong(dates: string, day: string): boolean {
  const [first = "", last = first] = dates.split("..");
  return first <= day && day <= last;
}

/** It opens where a window begins that allows, or one ends that denies. */
function nextOpening(windows: readonly Zoned[], now: string): string | null {
  for (const days of [SOON_DAYS, FAR_DAYS]) {
    const edges = edgesWithin(windows, now, days);
    const opening = edges.find((edge) => edge > now && verdictAt(windows, edge) === "open");
    if (opening !== undefined) return opening;
  }
  return null;
}

/** All of that time in their order; what begins on its last days may not be all yet. */
function edgesWithin(windows: readonly Zoned[], now: string, days: number): readonly string[] {
  const edges = windows.flatMap((window) => {
    const today = localDay(now, window.timezone);
    const ahead = Array.from({ length: days + 1 }, (_, index) => dayAfter(today, index - 1));
    return ahead.flatMap((day) => spansOn(window, day)).flatMap(({ from, to }) => [from, to]);
  });
  const end = `${dayAfter(now.slice(0, 10), days - LAST_DAYS)}T00:00:00.000Z`;
  return edges.filter((edge) => edge < end).toSorted();
}
