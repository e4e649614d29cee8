import { expect, test } from "vitest";
import { hoursAt, slotName, type Hours } from "#runner/core/gate/attention-hours.ts";
import type { Attention } from "#runner/schema/types.gen.ts";

const timezone = "Europe/Berlin";
const attention: Attention = {
  briefings: ["08:30", "16:00"],
  days: "mon-fri",
  away: [{ from: "2026-12-01", to: "2026-12-02" }],
};

function at(now: string, changes: Partial<Attention> = {}): Hours {
  return hoursAt({ attention: { ...attention, ...changes }, timezone }, now);
}

test.each<[string, string, Partial<Hours>]>([
  [
    "on a Monday before the first briefing",
    "2026-11-23T07:29:59.999Z",
    { slot: null, nextSlot: "2026-11-23T07:30:00.000Z", isDayOff: false },
  ],
  [
    "when the time of a briefing comes",
    "2026-11-23T07:30:00.000Z",
    { slot: "2026-11-23T07:30:00.000Z", nextSlot: "2026-11-23T15:00:00.000Z", missed: null },
  ],
  [
    "after the last briefing of a Friday",
    "2026-11-27T20:00:00.000Z",
    {
      slot: "2026-11-27T15:00:00.000Z",
      nextSlot: "2026-11-30T07:30:00.000Z",
      nextDay: "2026-11-29T23:00:00.000Z",
    },
  ],
  [
    "just after midnight",
    "2026-11-23T23:00:00.000Z",
    {
      slot: null,
      missed: { first: "2026-11-23T07:30:00.000Z", last: "2026-11-23T15:00:00.000Z" },
    },
  ],
  [
    "early on a Monday",
    "2026-11-23T05:00:00.000Z",
    {
      slot: null,
      missed: { first: "2026-11-20T07:30:00.000Z", last: "2026-11-20T15:00:00.000Z" },
    },
  ],
  ["on a Saturday", "2026-11-28T09:00:00.000Z", { isDayOff: true, slot: null }],
  [
    "on the last day before an absence",
    "2026-11-30T20:00:00.000Z",
    { isAway: false, nextSlot: "2026-12-03T07:30:00.000Z", nextDay: "2026-12-02T23:00:00.000Z" },
  ],
  [
    "on the first day of it",
    "2026-12-01T09:00:00.000Z",
    { isAway: true, slot: null, missed: null },
  ],
  ["on its last day", "2026-12-02T22:59:59.999Z", { isAway: true }],
  [
    "on the day after it",
    "2026-12-02T23:00:00.000Z",
    {
      isAway: false,
      missed: { first: "2026-11-30T07:30:00.000Z", last: "2026-11-30T15:00:00.000Z" },
    },
  ],
])("%s", (_, now, hours) => {
  expect(at(now)).toMatchObject(hours);
});

test("without days every day is one of work, and without briefings there is none", () => {
  const open: Attention = {};

  expect(hoursAt({ attention: open, timezone: "UTC" }, "2026-11-28T09:00:00.000Z")).toEqual({
    isAway: false,
    isDayOff: false,
    nextDay: "2026-11-29T00:00:00.000Z",
    hasBriefings: false,
    slot: null,
    nextSlot: null,
    missed: null,
  });
});

test("days may be listed", () => {
  expect(at("2026-11-24T09:00:00.000Z", { days: "mon,wed-thu" })).toMatchObject({
    isDayOff: true,
    nextDay: "2026-11-24T23:00:00.000Z",
  });
});

test.each([
  ["mon-sun", false],
  ["fri-mon", false],
  ["tue-sun", false],
  ["tue-sat", true],
  ["wed,thu", true],
])("%s on a Sunday", (days, isDayOff) => {
  expect(at("2026-11-22T09:00:00.000Z", { days })).toMatchObject({ isDayOff });
});

test("who is away for very long is shown nothing until then", () => {
  const away = [{ from: "2026-01-01", to: "2999-12-31" }];

  const hours = at("2026-11-24T09:00:00.000Z", { away });

  expect(hours).toMatchObject({ isAway: true, slot: null });
  expect(
    [hours.nextDay, hours.nextSlot].map((next) => next === null || next > "2999-12-30"),
  ).toEqual([true, true]);
});

test("a briefing is named by the time where the operator is", () => {
  expect(slotName("2026-11-23T07:30:00.000Z", timezone)).toBe("2026-11-23-0830");
  expect(slotName("2026-11-23T23:05:00.000Z", timezone)).toBe("2026-11-24-0005");
});
