import { expect, test } from "vitest";
import * as fc from "fast-check";
import { shellWord } from "#runner/core/shell-word.ts";
import { amount, usd, usdAtMost } from "#runner/report/money.ts";
import { durationText, elapsed, exactDuration, relativeTime } from "#runner/report/when.ts";
import { counted, gateCommands, listed, riskText } from "#runner/report/words.ts";
import { gate, now } from "./example.ts";

test.each([
  [0, "0.00 USD"],
  [1, "0.000001 USD"],
  [1_249, "0.0012 USD"],
  [4_999, "0.005 USD"],
  [10_000, "0.01 USD"],
  [50_000, "0.05 USD"],
  [99_900, "0.10 USD"],
  [-1_249, "-0.0012 USD"],
  [420_000, "0.42 USD"],
  [424_999, "0.42 USD"],
  [425_000, "0.43 USD"],
  [1_234_560_000, "1234.56 USD"],
])("%i micros are %s", (micros, text) => {
  expect(usd(micros)).toBe(text);
});

test("an upper bound is never below the amount", () => {
  fc.assert(
    fc.property(fc.nat(2_000_000_000), (micros) => {
      expect(Math.round(Number(usdAtMost(micros).slice(0, -4)) * 1_000_000)).toBeGreaterThanOrEqual(
        micros,
      );
    }),
  );
  expect(usdAtMost(420_001)).toBe("0.43 USD");
  expect(usdAtMost(1_201)).toBe("0.0013 USD");
  expect(amount(10_000)).toBe("0.01");
});

test.each([
  [0, "0 s"],
  [999, "0 s"],
  [14_000, "14 s"],
  [174_000, "2 min 54 s"],
  [180_000, "3 min"],
  [11_520_000, "3 h 12 min"],
  [187_200_000, "2 d 4 h"],
])("%i ms are %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  [0, "0 s"],
  [1, "1 ms"],
  [999.4, "999 ms"],
  [14_000, "14 s"],
])("%i ms are exactly %s", (ms, text) => {
  expect(exactDuration(ms)).toBe(text);
});

test.each([
  ["2026-11-22T11:27:00.000Z", "in 3 h 12 min"],
  ["2026-11-22T08:13:00.000Z", "2 min ago"],
  ["2026-11-22T08:15:00.500Z", "now"],
])("%s is %s", (instant, text) => {
  expect(relativeTime(instant, now)).toBe(text);
});

test("clocks that disagree give no negative duration", () => {
  expect(elapsed("2026-11-22T09:00:00.000Z", now)).toBe("0 s");
});

test("the word for a risk follows the thresholds of the policy", () => {
  expect(riskText({ score: 24 }, undefined)).toBe("low risk 24");
  expect(riskText({ score: 25 }, undefined)).toBe("medium risk 25");
  expect(riskText({ score: 60 }, undefined)).toBe("high risk 60");
  expect(riskText({ score: 60 }, { gateFrom: 80 })).toBe("medium risk 60");
});

test("lists are folded when they are long", () => {
  expect(listed(["a", "b", "c", "d"])).toBe("a, b, c, d");
  expect(listed(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
  expect(counted(1, "file")).toBe("1 file");
});

test("a command can be pasted even when a name is hostile", () => {
  expect(gateCommands(gate).look).toBe("git diff main...fettle/gate/chase-invoices-4f8k2m1q");
  expect(shellWord("a; rm -rf ~")).toBe("'a; rm -rf ~'");
  expect(shellWord("it's $(x)")).toBe(String.raw`'it'\''s $(x)'`);
  expect(shellWord("")).toBe("''");
});
