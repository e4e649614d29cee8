/** When schedules come next, kept between ticks: a cache, free to be deleted. */
import { knownGaps, learnGaps, type Gap } from "#runner/core/calendar.ts";
import type { Cache } from "#runner/repo/cache.ts";
import { VERSION } from "#runner/version.ts";

const KEY = `calendar-${VERSION.replaceAll(".", "-")}`;

export async function recallCalendar(cache: Cache): Promise<void> {
  const found = await cache.get(KEY);
  if (isGaps(found)) learnGaps(found);
}

export async function keepCalendar(cache: Cache): Promise<void> {
  const gaps = knownGaps();
  if (JSON.stringify(gaps) !== JSON.stringify(await cache.get(KEY))) await cache.put(KEY, gaps);
}

/** Written by this program alone, under a key that names its version. */
function isGaps(value: unknown): value is Readonly<Record<string, Gap>> {
  return typeof value === "object" && value !== null;
}
