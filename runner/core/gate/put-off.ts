/** What an operator means who puts a gate off: until when, and whether that may be. */
import { localInstant } from "#runner/core/time/calendar.ts";
import { instantOf } from "#runner/core/time/civil-date.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { SnoozeRequest } from "#runner/schema/types.gen.ts";
import {
  criticalFrom,
  isSnoozeTime,
  LONGEST_SNOOZE,
  saidAfterAll,
  snoozeOf,
  type SnoozedGate,
  type SnoozeFacts,
} from "./snooze.ts";

/** One of them is said. */
export interface SnoozeTime {
  /** `now`, a day, or a day with a time, by the clock of the workspace. */
  readonly until: string | null;
  /** A duration. */
  readonly for: string | null;
}

const DAY = /^(?<day>\d{4}-\d\d-\d\d)(?:[ T](?<time>\d\d:\d\d))?$/u;

/** null: it is no time, has passed, or is more than a year away. */
export function snoozeEnd(
  { until, for: duration }: SnoozeTime,
  { now, timezone }: { readonly now: string; readonly timezone: string },
): string | null {
  if (until === "now") return now;
  const instant = until === null ? after(now, duration ?? "") : localOf(until, timezone);
  const latest = addMs(now, durationMs(LONGEST_SNOOZE));
  return instant === null || instant <= now || instant > latest ? null : instant;
}

function after(now: string, duration: string): string | null {
  return isSnoozeTime(duration) ? addMs(now, durationMs(duration)) : null;
}

function localOf(text: string, timezone: string): string | null {
  const { day, time = "00:00" } = DAY.exec(text)?.groups ?? {};
  const isTime = day !== undefined && instantOf(`${day}T${time}:00Z`) !== undefined;
  return isTime ? localInstant(day, time, timezone) : null;
}

export type PutOff =
  /** `critical`: the risk from which on a gate is shown on any day. */
  | { readonly kind: "critical"; readonly critical: number }
  | { readonly kind: "said-already"; readonly said: SnoozeRequest }
  /** `at`: when it counts as said. */
  | { readonly kind: "asked"; readonly at: string };

export function putOff(
  facts: SnoozeFacts & { readonly now: string },
  { id, risk }: SnoozedGate,
  { until, reason }: Pick<SnoozeRequest, "until" | "reason">,
): PutOff {
  const critical = criticalFrom(facts.workspace.settings);
  if (until > facts.now && risk >= critical) return { kind: "critical", critical };
  const said = snoozeOf(facts, id);
  if (said !== undefined && said.until === until && said.reason === reason) {
    return { kind: "said-already", said };
  }
  return { kind: "asked", at: saidAfterAll(facts, id, facts.now) };
}
