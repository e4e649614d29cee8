import { expect, test } from "vitest";
import {
  afterAttempt,
  countsAsAttempt,
  dueAt,
  isRetryable,
  retryPolicy,
  type AfterAttempt,
  type EndedAttempt,
  type RetryPolicy,
} from "#runner/core/retry.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import type { AttemptRecord, Outcome } from "#runner/schema/types.gen.ts";
import { gateStep, pipeline, step } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

const AT = "2026-11-22T10:00:00.000Z";
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const POLICY: RetryPolicy = {
  limit: 9,
  delayMs: null,
  maxDelayMs: null,
  maxParkedMs: 35 * DAY,
};

const RETRIED: readonly Outcome[] = ["timeout", "provider-error", "crashed", "schema-invalid"];
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

function ended(outcome: Outcome, changes: Partial<EndedAttempt> = {}): EndedAttempt {
  const unit = { run: "chase.aaaaaaaaaaaa", step: "a", item: null, attempt: 1 };
  return { ...unit, outcome, at: AT, ...changes };
}

/** Attempts of the unit that ended so before, an hour of parking each. */
function before(...outcomes: readonly Outcome[]): AttemptRecord[] {
  return outcomes.map((outcome, index) =>
    attempt("a", {
      outcome,
      outputs: null,
      attempt: index + 1,
      finishedAt: "2026-11-22T08:00:00.000Z",
      ...(outcome === "rate-limited" && { resumeAt: "2026-11-22T09:00:00.000Z" }),
    }),
  );
}

/** How long the next attempt waits; NaN when there is none. */
function wait(after: AfterAttempt): number {
  if (after.kind === "over") return Number.NaN;
  return msBetween(AT, after.kind === "again" ? after.retryAt : after.resumeAt);
}

test.each(RETRIED)("%s may pass when tried again, until the attempts are used up", (outcome) => {
  const policy = { ...POLICY, limit: 3 };

  expect(isRetryable(outcome)).toBe(true);
  expect(afterAttempt(ended(outcome), before(), policy).kind).toBe("again");
  expect(afterAttempt(ended(outcome), before(outcome), policy).kind).toBe("again");
  expect(afterAttempt(ended(outcome), before(outcome, outcome), policy).kind).toBe("over");
});

test.each(FINAL)("%s is final at once", (outcome) => {
  expect(isRetryable(outcome)).toBe(false);
  expect(afterAttempt(ended(outcome), [], POLICY)).toEqual({ kind: "over", why: "" });
});

test.each([
  ["timeout", 60],
  ["provider-error", 30],
  ["crashed", 30],
  ["schema-invalid", 2],
  ["rate-limited", 5],
] as const)(
  "after %s the first wait is between half of %i seconds and all of them",
  (outcome, s) => {
    const waits = Array.from({ length: 200 }, (_, item) =>
      wait(afterAttempt(ended(outcome, { item: `${item}` }), [], POLICY)),
    );

    expect(Math.min(...waits)).toBeGreaterThanOrEqual((s * SECOND) / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(s * SECOND);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan((s * SECOND) / 3);
  },
);

test("the wait doubles with each failure up to the cap of its outcome", () => {
  const crashes = Array.from({ length: 7 }, () => "crashed" as const);
  const waits = [0, 1, 2, 3, 6, 7].map((count) =>
    wait(afterAttempt(ended("crashed"), before(...crashes.slice(0, count)), POLICY)),
  );
  const [first = 0] = waits;

  expect(waits.map((ms) => Math.round((ms / first) * 10) / 10)).toEqual([1, 2, 4, 8, 64, 120]);
});

test("the same attempt waits as long on every machine, another one of it differently", () => {
  const now = afterAttempt(ended("crashed"), [], POLICY);

  expect(now).toEqual({ kind: "again", retryAt: "2026-11-22T10:00:21.399Z" });
  for (const other of [{ run: "x" }, { step: "b" }, { item: "1" }, { attempt: 2 }]) {
    expect(afterAttempt(ended("crashed", other), [], POLICY)).not.toEqual(now);
  }
});

test("a step's own delays take the place of the outcome's", () => {
  const policy = { ...POLICY, delayMs: 10 * HOUR, maxDelayMs: 30 * HOUR };
  const waitAfter = (...outcomes: readonly Outcome[]): number =>
    wait(afterAttempt(ended("crashed"), before(...outcomes), policy));
  const first = waitAfter();

  expect(first).toBeGreaterThanOrEqual(5 * HOUR);
  expect(waitAfter("crashed") / first).toBeCloseTo(2, 5);
  expect(waitAfter("crashed", "crashed") / first).toBeCloseTo(3, 5);
  expect(wait(afterAttempt(ended("crashed"), [], { ...policy, maxDelayMs: null }))).toBe(first);
});

test("no delay that a file can hold leaves the calendar", () => {
  const policy = { ...POLICY, delayMs: 999_999 * 7 * DAY };
  const after = afterAttempt(ended("crashed"), before("crashed", "crashed"), policy);

  expect(wait(after)).toBeLessThanOrEqual(366 * DAY);
});

test("what is rate-limited is parked for as long as it is asked to, and uses up no attempt", () => {
  const limited = ended("rate-limited", { retryAfterMs: 3 * DAY });
  const policy = { ...POLICY, limit: 1 };

  expect(afterAttempt(limited, [], policy)).toEqual({
    kind: "parked",
    resumeAt: "2026-11-25T10:00:00.000Z",
  });
  expect(afterAttempt(limited, before("rate-limited", "rate-limited"), policy).kind).toBe("parked");
  const crash = ended("crashed", { attempt: 3 });
  const parkedTwice = before("rate-limited", "rate-limited");
  expect(afterAttempt(crash, parkedTwice, { ...POLICY, limit: 2 }).kind).toBe("again");
  expect(
    [...before("rate-limited"), ...before("crashed", "succeeded")].map(countsAsAttempt),
  ).toEqual([false, true, true]);
});

test("time parked is counted over all attempts, and ends at the step's cap", () => {
  const policy = { ...POLICY, maxParkedMs: 3 * HOUR };
  const limited = ended("rate-limited", { retryAfterMs: HOUR });

  expect(afterAttempt(limited, before("rate-limited", "rate-limited"), policy).kind).toBe("parked");
  expect(
    afterAttempt(limited, before("rate-limited", "rate-limited", "rate-limited"), policy),
  ).toEqual({
    kind: "over",
    why: "it would be parked for 4h in all, more than the 3h of retry.maxParked",
  });
});

test("a provider that asks for a moment each time is asked less and less often, and not for ever", () => {
  const attempts: AttemptRecord[] = [];
  let after = afterAttempt(ended("rate-limited", { retryAfterMs: 0 }), attempts, POLICY);
  while (after.kind === "parked") {
    const number = attempts.length + 1;
    attempts.push(
      attempt("a", {
        outcome: "rate-limited",
        attempt: number,
        finishedAt: AT,
        resumeAt: after.resumeAt,
      }),
    );
    const next = ended("rate-limited", { retryAfterMs: 0, attempt: number + 1 });
    after = afterAttempt(next, attempts, POLICY);
  }

  expect(attempts.length).toBeGreaterThan(500);
  expect(attempts.length).toBeLessThan(2000);
});

test.each([-1, 0, Number.MAX_VALUE, Number.MIN_SAFE_INTEGER, 2.5e14])(
  "a provider's %d milliseconds are bounded",
  (retryAfterMs) => {
    const policy = { ...POLICY, maxParkedMs: 999_999 * 7 * DAY };
    const ms = wait(afterAttempt(ended("rate-limited", { retryAfterMs }), [], policy));

    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(366 * DAY);
  },
);

test("the record says when the next attempt is due", () => {
  expect(dueAt(attempt("a"))).toBe(null);
  expect(dueAt(attempt("a", { retryAt: AT }))).toBe(AT);
  expect(dueAt(attempt("a", { resumeAt: AT }))).toBe(AT);
});

test("two attempts unless the step says otherwise", () => {
  const own = { limit: 5, delay: "1m", maxDelay: "2h", maxParked: "1d" };
  const of = pipeline([step("a"), step("b", { retry: own }), step("c", { retry: {} })]);
  const gated = pipeline([gateStep("g", {})]);
  const none = { limit: 2, delayMs: null, maxDelayMs: null, maxParkedMs: 35 * DAY };

  expect(retryPolicy(of, "b")).toEqual({
    limit: 5,
    delayMs: 60 * SECOND,
    maxDelayMs: 2 * HOUR,
    maxParkedMs: DAY,
  });
  expect([retryPolicy(of, "a"), retryPolicy(of, "c"), retryPolicy(gated, "g")]).toEqual([
    none,
    none,
    none,
  ]);
});
