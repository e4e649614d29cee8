import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addDuration, daysBetween } from "#runner/core/time/civil-date.ts";

test.for([
  ["2026-11-22", "7d", "2026-11-29"],
  ["2026-11-22", "-2w", "2026-11-08"],
  ["2026-01-31", "1d", "2026-02-01"],
  ["2024-02-28", "1d", "2024-02-29"],
  ["2100-02-28", "1d", "2100-03-01"],
  ["2000-02-28", "1d", "2000-02-29"],
  ["2026-01-01", "-1d", "2025-12-31"],
  ["2026-01-01", "48h", "2026-01-03"],
  ["1970-01-01T00:00:00Z", "-1s", "1969-12-31T23:59:59Z"],
  ["2026-11-22T23:30:00Z", "45m", "2026-11-23T00:15:00Z"],
  ["2026-11-22T23:30:00+01:00", "90s", "2026-11-22T22:31:30Z"],
  ["2026-11-22T23:30:00-05:30", "1h", "2026-11-23T06:00:00Z"],
  ["2026-11-22T00:00:00.1Z", "1s", "2026-11-22T00:00:01.100Z"],
])("%s moved by %s is %s", ([moment = "", duration = "", text]) => {
  expect(addDuration(moment, duration)).toEqual({ ok: true, text });
});

test.for([
  ["2026-02-29", "1d"],
  ["2026-13-01", "1d"],
  ["2026-1-1", "1d"],
  ["22.11.2026", "1d"],
  ["2026-11-22T24:00:00Z", "1d"],
  ["2026-11-22T10:60:00Z", "1d"],
  ["2026-11-22T10:00:00", "1d"],
  ["2026-11-22T10:00:00+25:00", "1d"],
  ["2026-02-30T10:00:00Z", "1d"],
  ["2026-11-22", "1h"],
  ["2026-11-22", "7"],
  ["2026-11-22", "d"],
  ["2026-11-22", "1.5d"],
  ["9999-12-31", "1d"],
  ["0000-01-01", "-1d"],
])("%s cannot be moved by %s", ([moment = "", duration = ""]) => {
  expect(addDuration(moment, duration)).toEqual({ ok: false, reason: expect.any(String) });
});

test.for([
  ["2026-11-01", "2026-11-22", 21],
  ["2026-11-22", "2026-11-01", -21],
  ["2024-01-01", "2025-01-01", 366],
  ["2026-11-22T12:00:00Z", "2026-11-23T11:59:59Z", 0],
  ["2026-11-23T11:59:59Z", "2026-11-22T12:00:00Z", 0],
  ["2026-11-22", "2026-11-23T23:00:00-02:00", 2],
] as const)("from %s to %s it is %d whole days", ([from, to, days]) => {
  expect(daysBetween(from, to)).toEqual({ ok: true, days });
});

test("days between what is no date are not counted", () => {
  expect(daysBetween("soon", "2026-11-22")).toMatchObject({ ok: false });
  expect(daysBetween("2026-11-22", "soon")).toMatchObject({ ok: false });
});

test("the calendar agrees with the platform's over all years it can write", () => {
  const span = { min: Date.UTC(1, 0, 1), max: Date.UTC(9998, 0, 1) };
  fc.assert(
    fc.property(fc.integer(span), fc.integer({ min: 0, max: 300 }), (epochMs, days) => {
      const from = new Date(epochMs).toISOString();
      const text = new Date(epochMs + days * 86_400_000).toISOString();

      expect(addDuration(from, `${days}d`)).toEqual({ ok: true, text });
      expect(daysBetween(from, text)).toEqual({ ok: true, days });
    }),
  );
});
