import { expect, test } from "vitest";
import { betterSubject, meantSubject } from "#runner/core/memory/memory-subject.ts";

const KNOWN = ["client/acme", "client/acme/billing", "invoice/INV-1"];

test.each([
  ["client/acme", "client/acme"],
  ["Client Acme", "client/acme"],
  ["CLIENT/ACME/", "client/acme"],
  ["client", "client"],
  ["invoice/inv-1", "invoice/INV-1"],
  ["Client / Acme / Billing", "client/acme/billing"],
])("by %j an operator means %s", (word, subject) => {
  expect(meantSubject(word, KNOWN)).toEqual({ ok: true, subject });
});

test("a subject that no record has is not guessed; the nearest is named", () => {
  expect(meantSubject("client/acne", KNOWN)).toEqual({
    ok: false,
    hint: "did you mean client/acme?",
  });
  expect(meantSubject("zebra", KNOWN).ok).toBe(false);
});

test.each([
  ["client/acme", undefined],
  ["Client Acme", "client/acme"],
  ["Client Acme Berlin", "client/acme-berlin"],
  ["client/acme berlin", "client/acme-berlin"],
])("%j would better be written %s", (subject, better) => {
  expect(betterSubject(subject)).toBe(better);
});
