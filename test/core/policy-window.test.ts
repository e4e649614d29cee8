import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dayAfter, localInstant, weekdayOf } from "#runner/core/time/calendar.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { closedAt, type Beginning, type Closed } from "#runner/core/gate/policy-window.ts";
import { weekdaysOf } from "#runner/core/time/weekdays.ts";
import type { PolicyWindow } from "#runner/schema/types.gen.ts";

const BERLIN = "Europe/Berlin";
const MAIL: Beginning = { effects: "external", project: "shop", pipeline: "mail" };

function at(now: string, windows: readonly PolicyWindow[], about = MAIL): Closed | null {
  return closedAt(windows, about, { now, timezone: BERLIN });
}

const OFFICE: PolicyWindow = { allow: "office hours", days: "mon-fri", from: "09:00", to: "18:00" };
const HOLIDAYS: PolicyWindow = { deny: "holidays", dates: ["2026-12-24..2027-01-01"] };
const NIGHT: PolicyWindow = { deny: "the night", from: "22:00", to: "06:00" };

test.each<[string, string, readonly PolicyWindow[], string | null]>([
  ["without windows", "2026-11-28T03:00:00.000Z", [], null],
  ["within office hours", "2026-11-26T08:00:00.000Z", [OFFICE], null],
  ["at their end", "2026-11-26T17:00:00.000Z", [OFFICE], "2026-11-27T08:00:00.000Z"],
  ["on a Friday evening", "2026-11-27T17:30:00.000Z", [OFFICE], "2026-11-30T08:00:00.000Z"],
  ["over the holidays", "2026-12-24T10:00:00.000Z", [OFFICE, HOLIDAYS], "2027-01-04T08:00:00.000Z"],
  ["on their last evening", "2027-01-01T22:59:59.999Z", [HOLIDAYS], "2027-01-01T23:00:00.000Z"],
  ["before midnight", "2026-11-26T21:30:00.000Z", [NIGHT], "2026-11-27T05:00:00.000Z"],
  ["after midnight", "2026-11-27T04:59:00.000Z", [NIGHT], "2026-11-27T05:00:00.000Z"],
  ["in the morning", "2026-11-27T05:00:00.000Z", [NIGHT], null],
  [
    "a window allows what another denies",
    "2026-11-26T08:00:00.000Z",
    [OFFICE, { deny: "a stop" }],
    null,
  ],
])("%s at %s", (_, now, windows, until) => {
  const isOpen = until === null && !windows.some(({ deny }) => deny === "a stop");

  expect(at(now, windows)?.until ?? null).toBe(until);
  expect(at(now, windows) === null).toBe(isOpen);
});

test.each<[string, PolicyWindow["for"], Beginning, boolean]>([
  ["an effect", undefined, MAIL, true],
  ["a step without one", undefined, { ...MAIL, effects: "none" }, false],
  [
    "a step that it names by its effects",
    { effects: ["none"] },
    { ...MAIL, effects: "none" },
    true,
  ],
  ["another project", { project: "studio" }, MAIL, false],
  ["its project", { project: "shop" }, MAIL, true],
  ["another pipeline", { project: "shop", pipeline: "chase" }, MAIL, false],
  ["its pipeline", { pipeline: "mail" }, MAIL, true],
])("a window is about %s (%j): %s", (_, about, beginning, isHeld) => {
  const stop: PolicyWindow = { deny: "a stop", ...(about === undefined ? {} : { for: about }) };

  expect(at("2026-11-26T08:00:00.000Z", [stop], beginning) !== null).toBe(isHeld);
});

test("who is outside of the windows that allow hears their names, who is in one that denies hears its name", () => {
  expect(at("2026-11-28T08:00:00.000Z", [OFFICE])).toMatchObject({
    by: null,
    allowing: ["office hours"],
  });
  expect(at("2026-12-25T08:00:00.000Z", [HOLIDAYS])).toMatchObject({ by: { deny: "holidays" } });
});

test.each([
  ["2026-11-26", "09:00", "2026-11-26T08:00:00.000Z"],
  ["2026-07-01", "09:00", "2026-07-01T07:00:00.000Z"],
  ["2026-03-29", "02:30", "2026-03-29T01:30:00.000Z"],
  ["2026-03-29", "03:00", "2026-03-29T01:00:00.000Z"],
  ["2026-10-25", "02:30", "2026-10-25T00:30:00.000Z"],
  ["2026-10-25", "03:00", "2026-10-25T02:00:00.000Z"],
])("clocks in Berlin show %s %s at %s", (day, time, instant) => {
  expect(localInstant(day, time, BERLIN)).toBe(instant);
});

test.each([
  ["2026-03-29T00:59:59.999Z", "2026-03-29T04:00:00.000Z"],
  ["2026-10-25T00:10:00.000Z", "2026-10-25T05:00:00.000Z"],
])("a night in which clocks are changed ends by the clock: %s", (now, until) => {
  expect(at(now, [NIGHT])?.until).toBe(until);
});

const clock = fc.integer({ min: 0, max: 47 }).map((half) => {
  return `${String(Math.floor(half / 2)).padStart(2, "0")}:${half % 2 === 0 ? "00" : "30"}`;
});
const anyWindow = fc
  .record({
    kind: fc.constantFrom("allow", "deny"),
    days: fc.constantFrom("mon-fri", "sat, sun", "wed", "sun-tue"),
    from: clock,
    to: clock,
    timezone: fc.constantFrom(BERLIN, "America/New_York", "Pacific/Auckland", "UTC"),
  })
  .filter(({ from, to }) => from !== to)
  .map(({ kind, ...window }): PolicyWindow => ({ [kind]: "a", ...window }));

test("it opens when it is said to, and not before", () => {
  const starts = fc.integer({ min: 0, max: 365 * 48 });

  fc.assert(
    fc.property(fc.array(anyWindow, { minLength: 1, maxLength: 3 }), starts, (windows, half) => {
      const now = addMs("2026-01-01T00:00:00.000Z", half * 1_800_000);
      const closed = at(now, windows);
      if (closed === null) return;
      const last = closed.until ?? addMs(now, 3 * 86_400_000);
      // A window may be closed for most of a year: so many looks will do.
      const halfHours = Math.ceil((Date.parse(last) - Date.parse(now)) / 1_800_000 / 64);
      const pace = halfHours * 1_800_000;
      for (let step = addMs(now, pace); step < last; step = addMs(step, pace)) {
        expect(at(step, windows)).not.toBeNull();
      }
      expect(closed.until === null || at(closed.until, windows) === null).toBe(true);
    }),
    { numRuns: 15 },
  );
});

test.each([
  ["mon-fri", [1, 2, 3, 4, 5]],
  ["sat, sun", [6, 7]],
  ["fri-mon", [5, 6, 7, 1]],
  ["wed", [3]],
  ["moon", undefined],
  ["mon-tue-wed", undefined],
])("days %s are %j", (text, days) => {
  const found = weekdaysOf(text);

  expect(found === undefined ? undefined : [...found]).toEqual(days);
});

test("days have their weekday, and follow each other", () => {
  expect(weekdayOf("2026-11-26")).toBe(4);
  expect(weekdayOf("2026-11-29")).toBe(7);
  expect(dayAfter("2026-12-31", 1)).toBe("2027-01-01");
});
