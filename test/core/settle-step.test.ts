import { expect, test } from "vitest";
import { pendingFiles, receiptState, retryPart, type EffectEnd } from "#runner/core/settle-step.ts";
import type { Deliverable } from "#runner/schema/types.gen.ts";
import { gateStep, pipeline, step } from "../support/core-builders.ts";
import { attempt, BLOB, cite } from "../support/core-records.ts";

const FIRST = { again: true, started: true, resume: false };
const LAST = { ...FIRST, again: false };
const NOT_STARTED = { ...FIRST, started: false };

test.each<[EffectEnd["outcome"], Omit<EffectEnd, "outcome">, ReturnType<typeof receiptState>]>([
  ["succeeded", FIRST, "happened"],
  ["noop", FIRST, "happened"],
  ["succeeded", NOT_STARTED, "happened"],
  ["crashed", FIRST, "intended"],
  ["crashed", LAST, "uncertain"],
  ["uncertain", LAST, "uncertain"],
  ["cancelled", LAST, "uncertain"],
  ["missing-data", FIRST, null],
  ["missing-tool", LAST, null],
  ["auth", FIRST, null],
  ["timeout", NOT_STARTED, null],
  ["schema-invalid", { ...NOT_STARTED, again: false }, null],
  ["timeout", { ...NOT_STARTED, resume: true }, "intended"],
  ["auth", { ...NOT_STARTED, again: false, resume: true }, "uncertain"],
  ["missing-data", { ...FIRST, resume: true }, "intended"],
  ["missing-tool", { ...LAST, resume: true }, "uncertain"],
  ["auth", { ...LAST, resume: true }, "uncertain"],
  ["rate-limited", FIRST, null],
  ["rate-limited", LAST, null],
  ["rate-limited", { ...FIRST, resume: true }, "intended"],
  ["rate-limited", { ...LAST, resume: true }, "uncertain"],
])("an effect whose attempt ended %s with %o leaves the receipt %s", (outcome, end, state) => {
  expect(receiptState({ outcome, ...end })).toBe(state);
});

const AT = "2026-11-22T10:00:00.000Z";
const PARKED = { outcome: "rate-limited", retryAfterMs: 90_000 } as const;

test.each([
  [{ outcome: "crashed" }, "retryAt"],
  [PARKED, "resumeAt"],
  [{ outcome: "succeeded" }, undefined],
  [{ outcome: "auth", retryAfterMs: 5000 }, undefined],
] as const)(
  "of an attempt that ended with %o the record says when the next begins as %s",
  (end, key) => {
    const run = { pipeline: pipeline([step("a")]), attempts: [] };
    const ended = { run: "chase.aaaaaaaaaaaa", step: "a", item: null, attempt: 1, at: AT };

    expect(Object.keys(retryPart({ ...ended, ...end }, run).record)).toEqual(key ? [key] : []);
  },
);

test("attempts of other units, and later ones of the same, do not count against an attempt", () => {
  const crashed = { outcome: "crashed", outputs: null } as const;
  const attempts = [
    attempt("b", crashed),
    attempt("a", { ...crashed, item: "1" }),
    attempt("a", { ...crashed, attempt: 2 }),
  ];
  const run = { pipeline: pipeline([step("a")]), attempts };
  const ended = { run: "chase.aaaaaaaaaaaa", step: "a", item: null, attempt: 1, at: AT };

  expect(retryPart({ ...ended, outcome: "crashed" }, run).record).toHaveProperty("retryAt");
});

test("why nothing follows is told where the outcome does not say it", () => {
  const run = { pipeline: pipeline([step("a", { retry: { maxParked: "1d" } })]), attempts: [] };
  const ended = { run: "chase.aaaaaaaaaaaa", step: "a", item: null, attempt: 1, at: AT };

  expect(retryPart({ ...ended, ...PARKED, retryAfterMs: 2 * 86_400_000 }, run)).toEqual({
    record: {},
    why: "it would be parked for 2d in all, more than the 1d of retry.maxParked",
  });
});

function file(path: string): Deliverable {
  return { path, content: cite(path), blob: BLOB, was: null, bytes: 1 };
}

test.each([
  ["draft", ["memory/a.md"]],
  ["other", ["other.md", "memory/a.md"]],
])("of what %s brings go to main without a question: %o", (name, paths) => {
  const gate = gateStep("review", { drafts: "${{ steps.draft.outputs }}" });
  const steps = pipeline([step("draft"), step("other"), gate]);
  const deliverables = [file(`${name}.md`)];

  const pending = pendingFiles(steps, {
    run: "chase.aaaaaaaaaaaa",
    step: name,
    deliverables,
    memory: [file("memory/a.md")],
  });

  expect(pending.map(({ path }) => path)).toEqual(paths);
  expect(pending.map(({ memory }) => memory)).toEqual(paths.map((path) => path === "memory/a.md"));
  expect(pending.every((one) => one.step === name)).toBe(true);
});
