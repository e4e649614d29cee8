import { expect, test } from "vitest";
import { attemptLimit, isFinal, isRetryable, retryDelayMs } from "#runner/core/retry.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { gateStep, pipeline, step } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

const RETRIED: readonly Outcome[] = [
  "timeout",
  "rate-limited",
  "provider-error",
  "crashed",
  "schema-invalid",
];
const FINAL: readonly Outcome[] = [
  "succeeded",
  "noop",
  "missing-tool",
  "missing-data",
  "permission-denied",
  "budget-exhausted",
  "no-progress",
  "context-overflow",
  "auth",
  "cancelled",
  "uncertain",
];

test.each(RETRIED)("%s may pass when tried again, until the attempts are used up", (outcome) => {
  expect(isRetryable(outcome)).toBe(true);
  expect(isFinal(attempt("a", { outcome, attempt: 1 }), 2)).toBe(false);
  expect(isFinal(attempt("a", { outcome, attempt: 2 }), 2)).toBe(true);
});

test.each(FINAL)("%s is final at once", (outcome) => {
  expect(isRetryable(outcome)).toBe(false);
  expect(isFinal(attempt("a", { outcome, attempt: 1 }), 9)).toBe(true);
});

test("an attempt without an outcome is not final", () => {
  expect(isFinal(attempt("a", { outcome: null, attempt: 9 }), 2)).toBe(false);
});

test("the wait doubles from thirty seconds up to an hour", () => {
  expect([1, 2, 3, 7, 8, 50].map(retryDelayMs)).toEqual([
    30_000, 60_000, 120_000, 1_920_000, 3_600_000, 3_600_000,
  ]);
});

test("two attempts unless the step says otherwise", () => {
  const of = pipeline([
    step("a"),
    step("b", { retry: { limit: 5 } }),
    step("c", { retry: {} }),
    gateStep("g", {}),
  ]);

  expect(["a", "b", "c", "g", "none"].map((id) => attemptLimit(of, id))).toEqual([2, 5, 2, 2, 2]);
});
