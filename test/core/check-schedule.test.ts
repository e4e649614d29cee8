import { Cron } from "croner";
import { expect, test, vi } from "vitest";
import { checkSchedule } from "#runner/core/check/check-schedule.ts";

const CLOCK = { timezone: "Europe/Berlin", sweep: "15m" };

test.each([
  ["0 8 * * 1-5", undefined],
  ["*/15 * * * *", undefined],
  ["*/10 * * * *", "schedule/too-fine"],
  ["0 8 30 2 *", "schedule/never"],
  ["a b c d e", "schedule/cron"],
  ["0 8 * *", "schedule/cron"],
])("%s gives %s, at the first look and at the next", (cron, code) => {
  const expected = code === undefined ? [] : [code];

  expect(checkSchedule({ cron }, CLOCK).map((found) => found.code)).toEqual(expected);
  expect(checkSchedule({ cron }, CLOCK).map((found) => found.code)).toEqual(expected);
});

test("a schedule in another time zone, or beside another sweep, is another", () => {
  const cron = "0,30 2 25 10 *";
  const codes = (timezone: string, sweep: string): readonly string[] =>
    checkSchedule({ cron, timezone }, { ...CLOCK, sweep }).map(({ code }) => code);

  expect(codes("UTC", "1h")).toEqual(["schedule/too-fine"]);
  expect(codes("UTC", "15m")).toEqual([]);
  expect(codes("Nowhere/City", "15m")).toEqual(["schedule/timezone"]);
});

test("a thousand projects with one schedule look at the calendar once", () => {
  const looks = vi.spyOn(Cron.prototype, "nextRuns");
  for (let project = 0; project < 1000; project += 1) checkSchedule({ cron: "7 7 7 * *" }, CLOCK);

  expect(looks).toHaveBeenCalledTimes(1);
});
