/** Instants within sentences, as the clock of the workspace shows them. */
import { clockWords } from "#runner/core/time/calendar.ts";
import type { Hold } from "./action.ts";

/** Standing alone: within a key or a name it is part of that. */
const INSTANT = /(?<![^\s(])\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z(?![^\s,.:;)])/gu;

/** `…waits until 2026-11-26T09:00:00Z` becomes `…waits until 2026-11-26 10:00 (Europe/Berlin)`. */
export function zonedText(text: string, timezone: string): string {
  return text.replaceAll(INSTANT, (instant) => clockWords(instant, timezone));
}

/** What is told of a hold; what can be typed stays as it is. */
export function zonedHold(hold: Hold, timezone: string): Hold {
  const why = zonedText(hold.why, timezone);
  return why === hold.why ? hold : { ...hold, why };
}
