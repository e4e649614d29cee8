import { expect, test } from "vitest";
import { askingOf, riskOf, type ActionFacts } from "#runner/core/gate/risk.ts";
import type { Policy } from "#runner/schema/types.gen.ts";

const FACTS: ActionFacts = {
  effects: "none",
  reversibility: "reversible",
  project: "shop",
  pipeline: "chase",
  agent: "a",
  step: "s",
  items: 1,
  spendMicros: 0,
  amount: 0,
  paths: [],
  diffFiles: 0,
  diffLines: 0,
  taint: [],
  novelty: [],
  approvals: { approved: 0, rejected: 0 },
  declared: 0,
};

function score(facts: Partial<ActionFacts>, policy?: Policy): number {
  return riskOf({ ...FACTS, ...facts }, policy).score;
}

test.each<[string, Partial<ActionFacts>, Policy | undefined, number]>([
  ["nothing changes", {}, undefined, 0],
  ["files change", { effects: "repository" }, undefined, 10],
  ["the outside world changes", { effects: "external" }, undefined, 40],
  ["the agent declares more", { effects: "external", declared: 55 }, undefined, 55],
  ["the agent declares less", { effects: "external", declared: 5 }, undefined, 40],
  [
    "a rule holds",
    { effects: "external" },
    { rules: [{ when: "action.effects == 'external'", add: 40 }] },
    80,
  ],
  ["a rule does not hold", {}, { rules: [{ when: "action.effects == 'external'", add: 40 }] }, 0],
  [
    "a rule lowers it",
    { effects: "external" },
    { rules: [{ when: "action.items < 5", add: -30 }] },
    10,
  ],
  ["it would fall below zero", {}, { rules: [{ when: "true", add: -30 }] }, 0],
  [
    "it would rise above a hundred",
    { effects: "external" },
    { rules: [{ when: "true", add: 90 }] },
    100,
  ],
  [
    "taint counts",
    { taint: ["external"] },
    { rules: [{ when: "'external' in action.taint", add: 20 }] },
    20,
  ],
  [
    "money counts",
    { spendMicros: 2_000_000 },
    { rules: [{ when: "action.spendMicros > 1000000", add: 7 }] },
    7,
  ],
  ["a rule cannot be evaluated", {}, { rules: [{ when: "action.novelty > 1", add: 1 }] }, 100],
  [
    "it cannot be taken back",
    { effects: "external", reversibility: "irreversible" },
    { rules: [{ when: "action.reversibility == 'irreversible'", add: 8 }] },
    48,
  ],
  [
    "much is paid",
    { amount: 500 },
    {
      rules: [
        { when: "action.amount > 100", add: 9 },
        { when: "action.amount > 500.5", add: 40 },
      ],
    },
    9,
  ],
  [
    "many lines change",
    { diffFiles: 2, diffLines: 300 },
    { rules: [{ when: "action.diffFiles == 2 && action.diffLines > 200", add: 6 }] },
    6,
  ],
  [
    "a path is touched",
    { paths: ["projects/shop/prices.csv"] },
    { rules: [{ when: "action.paths.exists(p, p.endsWith('.csv'))", add: 5 }] },
    5,
  ],
  [
    "it is new",
    { novelty: ["agent"] },
    { rules: [{ when: "'agent' in action.novelty", add: 4 }] },
    4,
  ],
  [
    "the same was approved often and never rejected",
    { effects: "external", approvals: { approved: 5, rejected: 0 } },
    {
      rules: [
        { when: "action.approvals.approved >= 5 && action.approvals.rejected == 0", add: -20 },
      ],
    },
    20,
  ],
])("risk when %s", (_, facts, policy, expected) => {
  expect(score(facts, policy)).toBe(expected);
});

test("every factor is listed with its points", () => {
  const policy = { rules: [{ when: "action.items > 0", add: 5 }] };
  const facts = { ...FACTS, effects: "external", agent: "mailer", declared: 50 } as const;

  expect(riskOf(facts, policy).factors).toEqual([
    { points: 40, why: "effects: external" },
    { points: 10, why: "agent mailer declares risk 50" },
    { points: 5, why: "action.items > 0" },
  ]);
});

test.each([
  ["always", 0, { veto: "4h" }, "yes"],
  ["risk", 24, undefined, "no"],
  ["risk", 25, undefined, "yes"],
  ["risk", 25, { veto: "4h" }, "unless"],
  ["risk", 59, { veto: "4h" }, "unless"],
  ["risk", 60, { veto: "4h" }, "yes"],
  ["risk", 25, { autoBelow: 26 }, "no"],
  ["never", 59, { veto: "4h" }, "no"],
  ["never", 60, { veto: "4h" }, "yes"],
  ["never", 60, { gateFrom: 61 }, "no"],
] as const)("ask %s at risk %d with %j: a person is asked: %s", (ask, risk, policy, asking) => {
  expect(askingOf({ ask, score: risk, isAlwaysAsked: false }, policy)).toBe(asking);
});

test.each(["risk", "never"] as const)(
  "what no agent may write is never approved by silence, with ask: %s",
  (ask) => {
    const question = { ask, score: 30, isAlwaysAsked: true };

    expect(askingOf(question, { veto: "4h", autoBelow: 90, gateFrom: 95 })).toBe("yes");
  },
);

test("a rule that asks for what is not known counts in full", () => {
  const { diffLines: _, amount: __, ...known } = FACTS;

  for (const when of ["action.diffLines > 100", "action.amount > 5"]) {
    expect(riskOf(known, { rules: [{ when, add: 1 }] }).score).toBe(100);
  }
});
