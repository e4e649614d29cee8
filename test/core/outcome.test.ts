import { expect, test } from "vitest";
import { effectOutcome, isDone, stepsDown } from "#runner/core/outcome.ts";

test.each([
  ["succeeded", "succeeded"],
  ["noop", "noop"],
  ["missing-data", "missing-data"],
  ["missing-tool", "missing-tool"],
  ["rate-limited", "rate-limited"],
  ["crashed", "uncertain"],
  ["timeout", "uncertain"],
  ["cancelled", "uncertain"],
  ["schema-invalid", "uncertain"],
  ["permission-denied", "uncertain"],
] as const)("an external effect that ended %s is %s where nobody can tell", (outcome, told) => {
  expect(effectOutcome(outcome, "none")).toBe(told);
  expect(effectOutcome(outcome, "probe")).toBe(outcome);
  expect(effectOutcome(outcome, "native")).toBe(outcome);
});

test.each(["rate-limited", "auth", "crashed", "timeout", "schema-invalid"] as const)(
  "%s hands over to the next rung",
  (outcome) => {
    expect(stepsDown(outcome)).toBe(true);
  },
);

test.each([
  "succeeded",
  "noop",
  "missing-data",
  "permission-denied",
  "cancelled",
  "uncertain",
] as const)("%s ends the ladder", (outcome) => {
  expect(stepsDown(outcome)).toBe(false);
});

test("a step has what it wanted when it succeeded or had nothing to do", () => {
  expect([isDone("succeeded"), isDone("noop"), isDone("uncertain")]).toEqual([true, true, false]);
});
