import { expect, test } from "vitest";
import { gateRisk } from "#runner/core/gate-risk.ts";
import { mustAsk, riskOf, type ActionFacts } from "#runner/core/risk.ts";
import type { Agent, Policy } from "#runner/schema/types.gen.ts";
import {
  agent,
  gateStep,
  mailer,
  openRun,
  pipeline,
  project,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

function score(facts: Partial<ActionFacts>, policy?: Policy): number {
  const whole = {
    effects: "none",
    project: "shop",
    pipeline: "chase",
    agent: "a",
    step: "s",
    items: 1,
    spendMicros: 0,
    taint: [],
    declared: 0,
    ...facts,
  } as const;
  return riskOf(whole, policy).score;
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
])("risk when %s", (_, facts, policy, expected) => {
  expect(score(facts, policy)).toBe(expected);
});

test("every factor is listed with its points", () => {
  const policy = { rules: [{ when: "action.items > 0", add: 5 }] };
  const facts = {
    effects: "external",
    project: "",
    pipeline: "",
    agent: "mailer",
    step: "",
    items: 1,
    spendMicros: 0,
    taint: [],
    declared: 50,
  } as const;

  expect(riskOf(facts, policy).factors).toEqual([
    { points: 40, why: "effects: external" },
    { points: 10, why: "agent mailer declares risk 50" },
    { points: 5, why: "action.items > 0" },
  ]);
});

test.each([
  ["always", 0, undefined, true],
  ["risk", 24, undefined, false],
  ["risk", 25, undefined, true],
  ["risk", 25, { autoBelow: 26 }, false],
  ["never", 59, undefined, false],
  ["never", 60, undefined, true],
  ["never", 60, { gateFrom: 61 }, false],
] as const)("ask %s at risk %d with %j: a person is asked is %s", (ask, risk, policy, isAsked) => {
  expect(mustAsk(ask, risk, policy)).toBe(isAsked);
});

const review = gateStep("review", { x: "${{ steps.find.outputs }}" });

function riskAt(
  after: ReturnType<typeof agent>,
  policy: Policy = {},
  before = agent("find"),
): ReturnType<typeof gateRisk> {
  const last = step("last", { agent: after.name, needs: ["middle"] });
  const of = pipeline([
    step("find"),
    review,
    step("middle", { needs: ["review"] }),
    last,
    step("free", { agent: "mailer" }),
  ]);
  const run = openRun(of, {
    agents: [before, after, mailer()],
    attempts: [attempt("find", { costMicros: 3 })],
  });
  return gateRisk(
    runContext(run, { workspace: workspace([project()], { settings: { policy } }) }),
    review,
    2,
  );
}

test("a gate bears the highest risk of all that comes after it, and of nothing else", () => {
  expect(riskAt(agent("last"))).toMatchObject({ score: 0 });
  expect(riskAt(agent("last", { effects: "external" }))).toMatchObject({ score: 40 });
  expect(riskAt(agent("last", { writes: ["notes.md"] }))).toMatchObject({ score: 10 });
  expect(riskAt(agent("last", { writes: [] }))).toMatchObject({ score: 0 });
});

test("rules see how many items are shown and what the run has cost", () => {
  const rules = [
    { when: "action.items == 2 && action.spendMicros == 3 && action.step == 'last'", add: 9 },
  ];

  expect(riskAt(agent("last"), { rules }).score).toBe(9);
});

test.each([
  ["from the network", { network: ["example.com:443"] }, 20],
  ["through its tools", { tools: [{ name: "crm", command: ["crm"], allow: ["search"] }] }, 20],
  ["from nowhere", { network: [] }, 0],
] satisfies readonly (readonly [string, Partial<Agent>, number])[])(
  "what an agent brought in %s (%j) adds %d for its taint",
  (_, manifest, added) => {
    const rules = [{ when: "'external' in action.taint", add: 20 }];

    expect(riskAt(agent("last"), { rules }, agent("find", manifest)).score).toBe(added);
  },
);

test("an agent that is not there counts as external", () => {
  const of = pipeline([review, step("last", { needs: ["review"] })]);

  expect(gateRisk(runContext({ ...openRun(of), agents: new Map() }), review, 1).score).toBe(40);
});

test("a gate with nothing after it bears no risk", () => {
  expect(gateRisk(runContext(openRun(pipeline([review]))), review, 1)).toEqual({
    score: 0,
    factors: [],
  });
});
