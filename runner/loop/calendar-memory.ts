/** When schedules come next, kept between ticks: a cache, free to be deleted. */
import { isGap, knownGaps, learnGaps, type Gap } from "#runner/core/time/calendar.ts";
import type { Cache } from "#runner/repo/cache.ts";
import { CACHE_VERSION } from "./cache-version.ts";

const KEY = `calendar-${CACHE_VERSION}`;

export async function recallCalendar(cache: Cache): Promise<void> {
  learnGaps(gapsIn(await cache.get(KEY)));
}

export async function keepCalendar(cache: Cache): Promise<void> {
  const gaps = knownGaps();
  if (JSON.stringify(gaps) !== JSON.stringify(await cache.get(KEY))) await cache.put(KEY, gaps);
}

/** A wrong gap would hide due times: what does not look like one is left out. */
function gapsIn(value: unknown): Readonly<Record<string, Gap>> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, Gap] => isGap(entry[1]));
  return Object.fromEntries(entries);
}
