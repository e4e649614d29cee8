import { expect, test } from "vitest";
import { receiptState, type EffectEnd } from "#runner/core/settle-step.ts";

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
