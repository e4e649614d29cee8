/** Gates that this plan would open, against what the operator can look at: those that are too many are queued, and nothing of them is lost. */
import type { Action, Hold } from "#runner/core/action.ts";
import { briefingName } from "./briefing.ts";
import { hoursAt, slotName } from "./attention-hours.ts";
import { costOfWaiting, type Desk, type Place, placesOf, type Waiting } from "./attention.ts";
import { countInWindow } from "#runner/core/time/calendar.ts";
import type { GateOpen, GateQueue } from "./gate-action.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { isByOperator } from "#runner/core/operator.ts";
import { branchName, gateRef } from "#runner/core/ref-names.ts";
import { thresholdsOf } from "./risk.ts";
import { criticalFrom, snoozedUntil } from "./snooze.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import type { Attention, QueuedGate } from "#runner/schema/types.gen.ts";

interface Facts {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly now: string;
}

interface Admitted {
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  readonly queue: readonly QueuedProposal[];
}

/** A gate that waits until the operator looks. */
export interface QueuedProposal extends Waiting {
  readonly project: string;
  readonly run: string;
  readonly title: string;
  /** 1: it is shown first. */
  readonly position: number;
  /** What waiting costs, in points. */
  readonly cost: number;
  readonly why: string;
  readonly until: string | null;
}

const REVIEWS_A_DAY = 5;

/** Without `attention` in fettle.yaml every gate opens at once. */
export function admitGates(facts: Facts, planned: readonly Action[]): Admitted {
  const { attention } = facts.workspace.settings;
  const opening = planned.filter((action) => action.kind === "gate-open");
  if (attention === undefined || opening.length === 0)
    return { actions: planned, holds: [], queue: [] };
  const waiting = opening.map((open) => waitingOf(facts, open));
  const places = withSnoozed(facts, waiting, deskOf(facts, attention));
  const queue: QueuedProposal[] = [];
  const holds: Hold[] = [];
  const actions = planned.flatMap((action): readonly Action[] => {
    if (action.kind !== "gate-open") return [action];
    const place = places.get(action.gate.id);
    if (place === undefined || place.kind === "own") return [action];
    if (place.kind === "briefing") return [inBriefing(facts, action, place)];
    holds.push(holdOf(facts, action, place));
    queue.push(proposalIn(facts, action, place));
    return queuedAs(facts, action) === undefined ? [queueOf(action)] : [];
  });
  return { actions, holds, queue: queue.toSorted((a, b) => a.position - b.position) };
}

/** Those that are put off come last, and take nobody's place. */
function withSnoozed(
  facts: Facts,
  waiting: readonly Waiting[],
  desk: Desk,
): ReadonlyMap<string, Place> {
  const untils = new Map(waiting.map((gate) => [gate.id, snoozedUntil(facts, gate)]));
  const shown = placesOf(
    waiting.filter(({ id }) => untils.get(id) === null),
    desk,
  );
  const snoozed = waiting.flatMap(({ id }) => {
    const until = untils.get(id) ?? null;
    return until === null ? [] : [{ id, until }];
  });
  const before = [...shown.values()].filter(({ kind }) => kind === "waits").length;
  const places = snoozed.map(({ id, until }, index): [string, Place] => [
    id,
    { kind: "waits", why: "snoozed", until, position: before + index + 1 },
  ]);
  return new Map([...shown, ...places]);
}

function inBriefing(
  { workspace }: Facts,
  open: GateOpen,
  { at, place }: Extract<Place, { kind: "briefing" }>,
): GateOpen {
  const id = briefingName(slotName(at, timezoneOf(workspace.settings)));
  const gate = { ...open.gate, branch: branchName(gateRef(id)) };
  return { ...open, gate, briefing: { id, at, place } };
}

function proposalIn(facts: Facts, open: GateOpen, place: Waits): QueuedProposal {
  const waiting = waitingOf(facts, open);
  const { run, title } = open.gate;
  const { position, until } = place;
  const cost = costOfWaiting(waiting, facts.now);
  const { why } = wordsOf(facts, place, waiting.id);
  return { ...waiting, project: open.project, run, title, position, cost, why, until };
}

export function queuedAs(
  { observed }: Pick<Facts, "observed">,
  open: GateOpen,
): QueuedGate | undefined {
  const queued = observed.summaries.projects.get(open.project)?.queuedGates ?? {};
  return Object.hasOwn(queued, open.gate.id) ? queued[open.gate.id] : undefined;
}

/** Reviews that are left of today. */
export function reviewsLeft({ workspace, observed, now }: Facts, attention: Attention): number {
  const today = { per: "day", timezone: timezoneOf(workspace.settings) } as const;
  const opened = countInWindow(observed.summaries.workspace.gatesOpened, now, today);
  return reviewsADay(attention) - opened;
}

export function reviewsADay({ reviewsPerDay }: Attention): number {
  return reviewsPerDay ?? REVIEWS_A_DAY;
}

function deskOf(facts: Facts, attention: Attention): Desk {
  const { workspace, observed, now } = facts;
  const timezone = timezoneOf(workspace.settings);
  const { settings } = workspace;
  const { gateFrom } = thresholdsOf(settings.policy);
  return {
    now,
    hours: hoursAt({ attention, timezone }, now),
    left: reviewsLeft(facts, attention),
    gateFrom,
    critical: criticalFrom(settings),
    briefed: observed.summaries.workspace.briefed ?? null,
    more: isMoreAskedFor(facts) ? reviewsADay(attention) : null,
  };
}

/** An operator has time: as many as a day has reviews are shown beyond it. */
function isMoreAskedFor({ workspace, observed }: Facts): boolean {
  return observed.requests.some(
    (request) => request.kind === "more" && isByOperator(workspace.settings, request),
  );
}

function waitingOf(facts: Facts, open: GateOpen): Waiting {
  const { id, risk, costMicros } = open.gate;
  const queued = queuedAs(facts, open);
  return {
    id,
    risk: risk.score,
    items: open.items.length,
    costMicros,
    answerBy: queued?.answerBy ?? null,
    since: queued?.since ?? null,
  };
}

function queueOf({ project, because, gate, answerWithinMs }: GateOpen): GateQueue {
  const { id, run, step, title } = gate;
  return { kind: "gate-queue", project, because, gate: id, run, step, title, answerWithinMs };
}

type Waits = Extract<Place, { kind: "waits" }>;

const REASONS = {
  ceiling: "attention-full",
  briefing: "queued",
  away: "queued",
  "day-off": "queued",
  snoozed: "snoozed",
} as const;

function holdOf(facts: Facts, { project, gate }: GateOpen, waits: Waits): Hold {
  const { why, unblock } = wordsOf(facts, waits, gate.id);
  return {
    project,
    subject: `step:${gate.run}/${gate.step}`,
    reason: REASONS[waits.why],
    why: `"${gate.title}" waits its turn (place ${waits.position}): ${why}`,
    unblock,
    until: waits.until,
  };
}

function wordsOf(
  { workspace }: Facts,
  { why }: Waits,
  id: string,
): { readonly why: string; readonly unblock: string } {
  switch (why) {
    case "ceiling": {
      const ceiling = reviewsADay(workspace.settings.attention ?? {});
      const unblock =
        "fettle gates --more   shows the next ones now; attention.reviewsPerDay in fettle.yaml is the ceiling";
      return { why: `${ceiling} reviews a day are used up`, unblock };
    }
    case "briefing":
      return { why: "it is part of the next briefing", unblock: "" };
    case "away":
      return { why: "you are away", unblock: "see attention.away in fettle.yaml" };
    case "snoozed":
      return { why: "it is put off", unblock: `fettle snooze ${id} --until now   brings it back` };
    case "day-off":
      return { why: "today is no day of work", unblock: "see attention.days in fettle.yaml" };
  }
}
