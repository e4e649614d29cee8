/** Which gates are shown now, and what the others wait for: the one place where the operator's attention is spent. */
import type { Hours } from "./attention-hours.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { msBetween } from "#runner/core/time/instant.ts";

/** A gate that nobody has been shown yet. */
export interface Waiting {
  readonly id: string;
  readonly risk: number;
  readonly items: number;
  readonly costMicros: number;
  readonly answerBy: string | null;
  /** When it joined the queue; null: it comes just now. */
  readonly since: string | null;
}

export interface Desk {
  readonly now: string;
  readonly hours: Hours;
  /** Gates that may still be shown today. */
  readonly left: number;
  /** From this risk on a gate is not put into a briefing. */
  readonly gateFrom: number;
  /** From this risk on a gate is shown on any day but those on which the operator is away. */
  readonly critical: number;
  /** Time of the briefing that was published last. */
  readonly briefed: string | null;
  /** Gates that an operator asks for beyond what the day allows; null: nobody asks. */
  readonly more: number | null;
}

export type Place =
  | { readonly kind: "own" }
  /** Shown together with others at this time. */
  | { readonly kind: "briefing"; readonly at: string; readonly place: number }
  | {
      readonly kind: "waits";
      readonly why: "ceiling" | "briefing" | "away" | "day-off" | "snoozed";
      readonly until: string | null;
      /** 1: the first of those that wait. */
      readonly position: number;
    };

/** A place for each. What is in doubt waits. */
export function placesOf(waiting: readonly Waiting[], desk: Desk): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  let left = desk.more ?? desk.left;
  let [position, gathered] = [0, 0];
  for (const gate of inOrder(waiting, desk)) {
    const refused = whyNotNow(gate, desk) ?? (left <= 0 ? untilTomorrow(desk) : null);
    if (refused === null) {
      left -= 1;
      if (isForBriefing(gate, desk)) gathered += 1;
      places.set(gate.id, placeOf(gate, desk, gathered));
    } else {
      position += 1;
      // Its briefing is the last one in time for it.
      if (refused.why === "briefing" && isLate(gate, desk)) left -= 1;
      places.set(gate.id, { kind: "waits", ...refused, position });
    }
  }
  return places;
}

/** The most urgent first: what is critical; what would be late tomorrow, by when; what waiting costs; what waits longest. */
export function inOrder(waiting: readonly Waiting[], desk: Desk): readonly Waiting[] {
  return waiting.toSorted((one, other) => {
    const [a, b] = [keyOf(one, desk), keyOf(other, desk)];
    if (a.isCritical !== b.isCritical) return a.isCritical ? -1 : 1;
    if (a.late !== b.late) return a.late < b.late ? -1 : 1;
    if (a.cost !== b.cost) return b.cost - a.cost;
    if (a.since !== b.since) return a.since < b.since ? -1 : 1;
    return one.id < other.id ? -1 : 1;
  });
}

const NEVER = "9999";

interface Key {
  readonly isCritical: boolean;
  readonly late: string;
  readonly cost: number;
  readonly since: string;
}

function keyOf(gate: Waiting, desk: Desk): Key {
  return {
    isCritical: gate.risk >= desk.critical,
    late: isLate(gate, desk) ? (gate.answerBy ?? NEVER) : NEVER,
    cost: costOfWaiting(gate, desk.now),
    since: gate.since ?? NEVER,
  };
}

/** Tomorrow it would be too late. */
function isLate({ answerBy }: Waiting, { hours: { nextDay } }: Desk): boolean {
  return answerBy !== null && (nextDay === null || answerBy <= nextDay);
}

const MICROS_A_CENT = 10_000;

/** Its risk, and a point for each item, each cent that was spent on it and each day that it has waited. */
export function costOfWaiting(gate: Waiting, now: string): number {
  const days = gate.since === null ? 0 : Math.floor(msBetween(gate.since, now) / DAY_MS);
  return gate.risk + gate.items + Math.floor(gate.costMicros / MICROS_A_CENT) + Math.max(0, days);
}

type Refused = Pick<Extract<Place, { kind: "waits" }>, "why" | "until">;

function whyNotNow(gate: Waiting, desk: Desk): Refused | null {
  const { hours, more } = desk;
  if (more !== null) return null;
  if (hours.isAway) return { why: "away", until: hours.nextDay };
  if (gate.risk >= desk.critical) return null;
  if (hours.isDayOff) return { why: "day-off", until: hours.nextDay };
  if (!isForBriefing(gate, desk)) return null;
  return isGathered(gate, desk) ? null : { why: "briefing", until: hours.nextSlot };
}

function untilTomorrow({ hours }: Desk): Refused {
  return { why: "ceiling", until: hours.nextDay };
}

function placeOf(gate: Waiting, desk: Desk, place: number): Place {
  if (!isForBriefing(gate, desk)) return { kind: "own" };
  const { slot, missed } = desk.hours;
  const at = desk.more === null ? (slot ?? missed?.last) : desk.now;
  return { kind: "briefing", at: at ?? desk.now, place };
}

/** What would be late by the next briefing is shown on its own. */
function isForBriefing({ risk, answerBy }: Waiting, { hours, gateFrom }: Desk): boolean {
  if (!hours.hasBriefings || risk >= gateFrom) return false;
  return answerBy === null || (hours.nextSlot !== null && answerBy > hours.nextSlot);
}

/** It was there when the time of the briefing came, and that is not published yet. */
function isGathered(gate: Waiting, desk: Desk): boolean {
  const { slot } = desk.hours;
  if (slot === null) return isMissed(gate, desk);
  return isThere(gate, slot) && isUnpublished(desk, slot);
}

/** Nobody ticked after a briefing of the day before, and perhaps nobody ever ticks after one. */
function isMissed(gate: Waiting, desk: Desk): boolean {
  const { missed } = desk.hours;
  return missed !== null && isThere(gate, missed.last) && isUnpublished(desk, missed.first);
}

function isThere({ since }: Waiting, slot: string): boolean {
  return since !== null && since <= slot;
}

function isUnpublished({ briefed }: Desk, slot: string): boolean {
  return briefed === null || briefed < slot;
}
