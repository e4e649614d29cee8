import { expect, test } from "vitest";
import { pendingFiles, receiptState, retryPart, type EffectEnd } from "#runner/core/settle-step.ts";
import type { Deliverable } from "#runner/schema/types.gen.ts";
import { gateStep, pipeline, step } from "../support/core-builders.ts";
import { BLOB, cite } from "../support/core-records.ts";

const FIRST = { attempt: 1, limit: 2, started: true, resume: false };
const LAST = { ...FIRST, attempt: 2 };
const NOT_STARTED = { ...FIRST, started: false };

test.each<[EffectEnd["outcome"], Omit<EffectEnd, "outcome">, ReturnType<typeof receiptState>]>([
  ["succeeded", FIRST, "happened"],
  ["noop", FIRST, "happened"],
  ["succeeded", NOT_STARTED, "happened"],
  ["crashed", FIRST, "intended"],
  ["crashed", LAST, "uncertain"],
  ["uncertain", FIRST, "uncertain"],
  ["cancelled", FIRST, "uncertain"],
  ["missing-data", FIRST, null],
  ["missing-tool", LAST, null],
  ["auth", FIRST, null],
  ["timeout", NOT_STARTED, null],
  ["schema-invalid", { ...NOT_STARTED, attempt: 2 }, null],
  ["timeout", { ...NOT_STARTED, resume: true }, "intended"],
  ["auth", { ...NOT_STARTED, resume: true }, "uncertain"],
])("an effect whose attempt ended %s with %o leaves the receipt %s", (outcome, end, state) => {
  expect(receiptState({ outcome, ...end })).toBe(state);
});

const AT = "2026-11-22T10:00:00.000Z";

test.each([
  [{ outcome: "crashed", attempt: 1 }, "2026-11-22T10:00:30.000Z"],
  [{ outcome: "timeout", attempt: 3 }, "2026-11-22T10:02:00.000Z"],
  [{ outcome: "rate-limited", attempt: 1, retryAfterMs: 5000 }, "2026-11-22T10:00:05.000Z"],
  [{ outcome: "succeeded", attempt: 1 }, undefined],
  [{ outcome: "auth", attempt: 1, retryAfterMs: 5000 }, undefined],
] as const)("an attempt that ended with %o is repeated at %s", (end, at) => {
  expect(retryPart({ ...end, at: AT }).retryAt).toBe(at);
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
