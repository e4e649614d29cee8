import { expect, test } from "vitest";
import * as fc from "fast-check";
import { countInWindow, dueTimes, localDay, nextTime } from "#runner/core/time/calendar.ts";
import { addMs, earliest, msBetween, windowStart } from "#runner/core/time/instant.ts";
import { durationMs } from "#runner/core/time/duration.ts";

const BERLIN = "Europe/Berlin";

test("instants move by milliseconds", () => {
  expect(addMs("2026-12-31T23:59:59.999Z", 1)).toBe("2027-01-01T00:00:00.000Z");
  expect(msBetween("2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z")).toBe(1);
});

test("the earliest of none is none", () => {
  expect(earliest([])).toBeNull();
  expect(earliest([null, "b", "a", null])).toBe("a");
});

test("windows are counted from the epoch and cover every instant once", () => {
  const instants = fc.date({
    min: new Date("1971-01-01"),
    max: new Date("2100-01-01"),
    noInvalidDate: true,
  });

  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 30 * 86_400_000 }), (date, length) => {
      const instant = date.toISOString();
      const start = windowStart(instant, length);

      expect(start <= instant && instant < addMs(start, length)).toBe(true);
      expect(windowStart(start, length)).toBe(start);
    }),
  );
  expect(windowStart("2026-11-22T10:00:00.000Z", durationMs("1d"))).toBe(
    "2026-11-22T00:00:00.000Z",
  );
});

test.each([
  [
    "half past two does not exist: it comes when the clock has jumped",
    "2026-03-28T12:00:00.000Z",
    ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"],
  ],
  [
    "half past two comes twice: once is enough",
    "2026-10-24T12:00:00.000Z",
    ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"],
  ],
])("%s", (_, after, due) => {
  const until = addMs(after, durationMs("2d"));

  expect(dueTimes({ cron: "30 2 * * *", timezone: BERLIN }, { after, until, cap: 9 })).toEqual(due);
});

test("due times are after the cursor and not after now", () => {
  const times = { cron: "0 8 * * *", timezone: "UTC" };
  const due = (after: string, until: string): string[] => dueTimes(times, { after, until, cap: 9 });

  expect(due("2026-11-21T08:00:00.000Z", "2026-11-22T08:00:00.000Z")).toEqual([
    "2026-11-22T08:00:00.000Z",
  ]);
  expect(due("2026-11-21T08:00:00.000Z", "2026-11-22T07:59:59.999Z")).toEqual([]);
  expect(due("2026-11-21T07:59:59.999Z", "2026-11-21T08:00:00.500Z")).toEqual([
    "2026-11-21T08:00:00.000Z",
  ]);
});

test("of many due times the newest are kept", () => {
  const window = { after: "2016-11-22T00:00:00.000Z", until: "2026-11-22T00:03:30.000Z", cap: 3 };

  expect(dueTimes({ cron: "* * * * *", timezone: BERLIN }, window)).toEqual([
    "2026-11-22T00:01:00.000Z",
    "2026-11-22T00:02:00.000Z",
    "2026-11-22T00:03:00.000Z",
  ]);
});

test("found from the end, due times are those that counting forward finds", () => {
  const crons = fc.constantFrom("*/15 * * * *", "30 2 * * *", "0 8 * * 1-5", "30 1 1 * *");
  const zones = fc.constantFrom(BERLIN, "America/New_York", "UTC", "Australia/Lord_Howe");
  const starts = fc.constantFrom(
    "2026-03-27T00:00:00.000Z",
    "2026-10-24T00:00:00.000Z",
    "2026-10-31T00:00:00.000Z",
  );

  fc.assert(
    fc.property(
      crons,
      zones,
      starts,
      fc.integer({ min: 0, max: 4 * 86_400_000 }),
      (cron, timezone, after, ms) => {
        const until = addMs(after, ms);
        const forward: string[] = [];
        let next = nextTime({ cron, timezone }, after);
        while (next !== null && next <= until) {
          forward.push(next);
          next = nextTime({ cron, timezone }, next);
        }

        expect(dueTimes({ cron, timezone }, { after, until, cap: 5 })).toEqual(forward.slice(-5));
      },
    ),
    { numRuns: 40 },
  );
});

test("a time that never comes is none", () => {
  const times = { cron: "0 0 31 2 *", timezone: "UTC" };

  expect(nextTime(times, "2026-11-22T00:00:00.000Z")).toBeNull();
  expect(
    dueTimes(times, {
      after: "2026-11-01T00:00:00.000Z",
      until: "2026-11-22T00:00:00.000Z",
      cap: 3,
    }),
  ).toEqual([]);
});

test.each([
  ["2026-11-22T22:59:59.999Z", BERLIN, "2026-11-22"],
  ["2026-11-22T23:00:00.000Z", BERLIN, "2026-11-23"],
  ["2026-07-01T22:00:00.000Z", BERLIN, "2026-07-02"],
  ["2026-11-22T02:00:00.000Z", "America/New_York", "2026-11-21"],
])("%s in %s is on %s", (instant, timezone, day) => {
  expect(localDay(instant, timezone)).toBe(day);
});

test.each([
  ["2026-11-22", "day", "2026-11-22"],
  ["2026-11-22", "week", "2026-11-16"],
  ["2026-11-23", "week", "2026-11-23"],
  ["2027-01-01", "week", "2026-12-28"],
  ["2026-11-22", "month", "2026-11-01"],
] as const)("what lies in the window of %s per %s is counted from %s on", (day, per, first) => {
  const midnight = `${first}T00:00:00.000Z`;
  const instants = [addMs(midnight, -1), midnight];
  const window = { per, timezone: "UTC" };

  expect(countInWindow(instants, `${day}T12:00:00.000Z`, window)).toBe(1);
});

test.each([
  ["90s", 90_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["14d", 1_209_600_000],
  ["1w", 604_800_000],
])("%s is %d ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});
