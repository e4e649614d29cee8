import { expect, test } from "vitest";
import type { Hours } from "#runner/core/gate/attention-hours.ts";
import {
  costOfWaiting,
  inOrder,
  placesOf,
  type Desk,
  type Waiting,
} from "#runner/core/gate/attention.ts";

const NOW = "2026-11-23T08:00:00.000Z";
const SLOT = "2026-11-23T07:30:00.000Z";
const NEXT_SLOT = "2026-11-23T15:00:00.000Z";
const TOMORROW = "2026-11-23T23:00:00.000Z";

const HOURS: Hours = {
  isAway: false,
  isDayOff: false,
  nextDay: TOMORROW,
  hasBriefings: true,
  slot: SLOT,
  nextSlot: NEXT_SLOT,
  missed: null,
};

/** Nobody ticks but in the morning, before the first briefing of the day. */
const EARLY = {
  slot: null,
  missed: { first: "2026-11-22T07:30:00.000Z", last: "2026-11-22T15:00:00.000Z" },
};
const YESTERDAY = "2026-11-22T09:00:00.000Z";

function desk({
  hours,
  ...changes
}: Partial<Omit<Desk, "hours">> & { hours?: Partial<Hours> }): Desk {
  const rules = { now: NOW, left: 5, gateFrom: 60, critical: 80, briefed: null, more: null };
  return { ...rules, ...changes, hours: { ...HOURS, ...hours } };
}

function waiting(changes: Partial<Waiting> = {}): Waiting {
  return {
    id: "a",
    risk: 30,
    items: 1,
    costMicros: 0,
    answerBy: null,
    since: "2026-11-23T06:00:00.000Z",
    ...changes,
  };
}

test.each<[string, Partial<Waiting>, Parameters<typeof desk>[0], object]>([
  ["of middle risk, when the time of a briefing has come", {}, {}, { kind: "briefing", at: SLOT }],
  ["of high risk", { risk: 60 }, {}, { kind: "own" }],
  ["without briefings", {}, { hours: { hasBriefings: false } }, { kind: "own" }],
  [
    "that came after the time of the briefing",
    { since: NOW },
    {},
    { kind: "waits", why: "briefing", until: NEXT_SLOT },
  ],
  ["that comes just now", { since: null }, {}, { kind: "waits", why: "briefing" }],
  ["before the first briefing of the day", {}, { hours: { slot: null } }, { why: "briefing" }],
  ["when that briefing is published already", {}, { briefed: SLOT }, { why: "briefing" }],
  [
    "that was there when nobody published a briefing of the day before",
    { since: YESTERDAY },
    { hours: EARLY, briefed: "2026-11-21T15:00:00.000Z" },
    { kind: "briefing", at: EARLY.missed.last },
  ],
  [
    "that came after the last briefing of the day before",
    { since: "2026-11-22T16:00:00.000Z" },
    { hours: EARLY },
    { why: "briefing", until: NEXT_SLOT },
  ],
  [
    "for which there was no room in a briefing of the day before",
    { since: YESTERDAY },
    { hours: EARLY, briefed: EARLY.missed.first },
    { why: "briefing", until: NEXT_SLOT },
  ],
  [
    "when an older briefing was the last",
    {},
    { briefed: "2026-11-22T15:00:00.000Z" },
    { kind: "briefing" },
  ],
  [
    "that would be late by the next briefing",
    { since: null, answerBy: NEXT_SLOT },
    {},
    { kind: "own" },
  ],
  ["that is late only after it", { since: null, answerBy: TOMORROW }, {}, { why: "briefing" }],
  [
    "when the day is used up",
    { risk: 90 },
    { left: 0 },
    { why: "ceiling", until: TOMORROW, position: 1 },
  ],
  ["when more than the day was used", {}, { left: -2 }, { why: "ceiling" }],
  [
    "of high risk on a day off",
    { risk: 70 },
    { hours: { isDayOff: true } },
    { why: "day-off", until: TOMORROW },
  ],
  ["that is critical on a day off", { risk: 80 }, { hours: { isDayOff: true } }, { kind: "own" }],
  [
    "that is critical while you are away",
    { risk: 80 },
    { hours: { isAway: true } },
    { why: "away", until: TOMORROW },
  ],
  [
    "when you ask for more, on a day off, with the day used up",
    { since: null },
    { more: 1, left: 0, hours: { isDayOff: true, isAway: true } },
    { kind: "briefing", at: NOW },
  ],
])("a gate %s", (_, gate, changes, place) => {
  expect(placesOf([waiting(gate)], desk(changes)).get("a")).toMatchObject(place);
});

test("only as many are shown as there are reviews left, and the others know their place", () => {
  const gates = ["a", "b", "c", "d"].map((id, index) => waiting({ id, risk: 90 - index }));

  expect([...placesOf(gates, desk({ left: 2 }))]).toMatchObject([
    ["a", { kind: "own" }],
    ["b", { kind: "own" }],
    ["c", { kind: "waits", why: "ceiling", position: 1 }],
    ["d", { kind: "waits", why: "ceiling", position: 2 }],
  ]);
});

test("what waits for its briefing takes no place from what does not", () => {
  const gates = [
    waiting({ id: "low", costMicros: 900_000, since: null }),
    waiting({ id: "high", risk: 60 }),
  ];

  expect(placesOf(gates, desk({ left: 1 })).get("high")).toEqual({ kind: "own" });
});

test("what must be part of the next briefing keeps its place for it", () => {
  const gates = [
    waiting({ id: "low", since: null, answerBy: "2026-11-23T20:00:00.000Z" }),
    waiting({ id: "high", risk: 60 }),
  ];

  const places = placesOf(gates, desk({ left: 1 }));

  expect(places.get("low")).toMatchObject({ why: "briefing" });
  expect(places.get("high")).toMatchObject({ why: "ceiling" });
});

test.each<[string, Partial<Waiting>, Partial<Waiting>]>([
  ["critical before late", { risk: 80 }, { risk: 79, answerBy: NOW }],
  ["late tomorrow before dear", { answerBy: TOMORROW }, { risk: 79, costMicros: 9_000_000 }],
  ["the sooner late", { answerBy: NOW }, { answerBy: NEXT_SLOT, risk: 70 }],
  ["risk", { risk: 32 }, { risk: 31 }],
  ["more items", { items: 3 }, { items: 2 }],
  ["a cent spent", { costMicros: 10_000 }, { costMicros: 9_999 }],
  ["a day waited", { since: "2026-11-22T08:00:00.000Z" }, { since: "2026-11-22T08:00:00.001Z" }],
  ["an hour waited", { since: "2026-11-23T06:00:00.000Z" }, { since: "2026-11-23T07:00:00.000Z" }],
  ["what waits already", { since: "2026-11-23T07:00:00.000Z" }, { since: null }],
  ["a deadline in a week is not late", { risk: 31 }, { answerBy: "2026-11-30T00:00:00.000Z" }],
])("%s comes first", (_, first, second) => {
  // The names alone would order them the other way.
  const gates = [waiting({ ...second, id: "a" }), waiting({ ...first, id: "b" })];

  expect(inOrder(gates, desk({})).map(({ id }) => id)).toEqual(["b", "a"]);
});

test("what waiting costs is a sum that can be told", () => {
  const gate = waiting({
    risk: 40,
    items: 3,
    costMicros: 120_000,
    since: "2026-11-20T07:00:00.000Z",
  });

  expect(costOfWaiting(gate, NOW)).toBe(40 + 3 + 12 + 3);
});
