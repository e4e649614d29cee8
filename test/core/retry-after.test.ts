import { expect, test } from "vitest";
import { retryAfterMsOf } from "#runner/core/retry-after.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const DAY = 86_400_000;

test.each([
  ["90", 90_000],
  [" 90 ", 90_000],
  ["0.5", 500],
  [90, 90_000],
  [1e9, 1e12],
  ["Wed, 25 Nov 2026 10:00:00 GMT", 3 * DAY],
  ["2026-11-23T10:00:00Z", DAY],
  ["Sat, 21 Nov 2026 10:00:00 GMT", 0],
  ["-5", 0],
  [-5, 0],
  ["Fri, 31 Dec 9999 23:59:59 GMT", Date.parse("9999-12-31T23:59:59Z") - NOW],
  ["soon", undefined],
  ["", undefined],
  ["9".repeat(400), undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ["Infinity", undefined],
  [undefined, undefined],
  [null, undefined],
  [{}, undefined],
])("%j means %s milliseconds", (said, ms) => {
  expect(retryAfterMsOf(said, NOW)).toBe(ms);
});
