/** What a tick leaves for the next one: a cache, free to be deleted. */
import { isAtRest } from "#runner/core/rest.ts";
import { keepCalendar } from "./calendar-memory.ts";
import type { Engine } from "./engine.ts";
import { fingerprintOf, keepRested } from "./no-op.ts";
import { writeResting } from "./resting.ts";
import type { Tick } from "./tick-end.ts";

interface Found {
  /** The refs when the tick began. */
  readonly before: string;
  readonly now: string;
  /** What the forge showed then. */
  readonly print: string;
  /** The forge says all that it should. */
  readonly isTold: boolean;
}

/** Keeps what need not be looked at again until it changes. */
export async function rememberTick(
  { repository, cache, store }: Engine,
  { end, plan: last, view, holds, violations }: Tick,
  { before, now, print, isTold }: Found,
): Promise<void> {
  if (end.kind !== "settled" || last === null || view === null) return;
  const troubled = violations.map(({ file }) => file);
  await writeResting({ cache, reader: store.reader }, view, { now, troubled });
  await keepCalendar(cache);
  const hasMoved = fingerprintOf(repository) !== before;
  if (hasMoved) await cache.pruneDaily(now);
  if (hasMoved || !isTold || !isAtRest(last, view.observed, holds)) return;
  await keepRested(cache, { fingerprint: before + print, at: now, plan: last, holds, violations });
}
