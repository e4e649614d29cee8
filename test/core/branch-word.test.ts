import { expect, test } from "vitest";
import type { Hold } from "#runner/core/action.ts";
import { openWord, settledWord } from "#runner/core/branch-word.ts";
import type { GateDecision } from "#runner/schema/types.gen.ts";
import { gate } from "../report/example.ts";

const trouble: Hold = {
  project: "collections",
  subject: `step:${gate.run}/${gate.step}`,
  reason: "needs-fix",
  why: "a.yaml: subject is missing",
  unblock: "mend it",
  until: null,
};

test("open gates are pending with the highest risk and the first deadline; what is in the way of one fails them", () => {
  const other = { ...gate, title: "Pay", risk: { score: 10, factors: [] }, answerBy: null };
  const one = { record: gate, trouble: undefined };

  expect(openWord([one], "Europe/Berlin")).toEqual({
    state: "pending",
    description: "waits for you · risk 78 of 100 · answer by 2026-11-24 09:03",
  });
  expect(openWord([{ record: other, trouble: undefined }, one], "UTC").description).toBe(
    "2 decisions wait for you · risk 78 of 100 · answer by 2026-11-24 08:03",
  );
  expect(openWord([{ record: gate, trouble }], "UTC")).toEqual({
    state: "failure",
    description: "a.yaml: subject is missing",
  });
  expect(openWord([one, { record: other, trouble }], "UTC")).toEqual({
    state: "failure",
    description: "Pay: a.yaml: subject is missing",
  });
});

const ada = { by: "ada@northwind.example" };

test.each<[readonly GateDecision["decision"][], object | null]>([
  [["approved"], { state: "success", description: "approved by ada@northwind.example" }],
  [["not-objected"], { state: "success", description: expect.stringMatching(/^not objected to/) }],
  [["rejected"], { state: "failure", description: "rejected by ada@northwind.example" }],
  [["expired"], { state: "failure", description: expect.stringMatching(/without an answer/) }],
  [["withdrawn"], { state: "failure", description: expect.stringMatching(/taken back/) }],
  [
    ["approved", "rejected", "approved"],
    { state: "success", description: "2 approved, 1 rejected" },
  ],
  [["rejected", "rejected"], { state: "failure", description: "2 rejected" }],
  [[], null],
])("settled as %j it says %j", (decisions, word) => {
  expect(settledWord(decisions.map((decision) => ({ ...ada, decision })))).toEqual(word);
});
