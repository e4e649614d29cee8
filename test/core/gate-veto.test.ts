import { expect, test } from "vitest";
import { decideGate } from "#runner/core/gate-decision.ts";
import type { GateSettle } from "#runner/core/gate-action.ts";
import type { GateFacts } from "#runner/core/model.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import type { GateRecord, JudgedAction, Policy, RequestRecord } from "#runner/schema/types.gen.ts";
import {
  EMPTY,
  gateStep,
  NOW,
  openRun,
  pipeline,
  project,
  runContext,
  workspace,
} from "../support/core-builders.ts";
import { ADA, BLOB, gateItem, openGate } from "../support/core-records.ts";

const EARLIER = "2026-11-22T09:59:59.999Z";
const LATER = "2026-11-22T10:00:00.001Z";
const MIDDLE: Partial<GateRecord> = { vetoUntil: NOW, risk: { score: 40, factors: [] } };

interface Situation {
  readonly record?: Partial<GateRecord>;
  readonly facts?: Partial<GateFacts>;
  readonly policy?: Policy;
  readonly requests?: readonly RequestRecord[];
}

function decide({ record, facts, policy = { veto: "4h" }, requests = [] }: Situation): StepPlan {
  const context = runContext(openRun(pipeline([gateStep("review", {})])), {
    workspace: workspace([project()], { settings: { policy } }),
    observed: { ...EMPTY, requests },
  });
  const items = [gateItem("a", { text: "A" })];
  return decideGate(context, openGate({ ...MIDDLE, items, ...record }, facts));
}

function settle(situation: Situation): GateSettle | undefined {
  return decide(situation).actions.find((action) => action.kind === "gate-settle");
}

const reject: RequestRecord = {
  id: "r1",
  kind: "reject",
  gate: "chase-1",
  by: ADA,
  reason: "rude",
  at: EARLIER,
};

test("when its time is up and nobody has objected, a gate goes on by itself, and nobody has approved it", () => {
  expect(settle({})).toMatchObject({
    decision: "not-objected",
    by: "fettle",
    via: "veto",
    commit: null,
    files: {},
    items: [{ key: "a", decision: "approved", blob: null }],
  });
});

test("before its time it waits, says until when, and the next look is then", () => {
  const plan = decide({ record: { vetoUntil: LATER } });

  expect(plan).toMatchObject({ actions: [], wakes: [LATER] });
  expect(plan.holds).toMatchObject([
    { reason: "awaiting-approval", why: expect.stringContaining(`goes on by itself at ${LATER}`) },
  ]);
});

test.each<[string, Situation]>([
  ["its branch was changed", { facts: { branchHead: BLOB } }],
  ["it needs a fix", { record: { problem: "no yaml" } }],
  ["the policy has no veto any more", { policy: {} }],
  ["the policy wants an answer at its risk by now", { policy: { veto: "4h", gateFrom: 40 } }],
  ["its branch is gone", { facts: { branchHead: null } }],
  ["its files conflict with main", { facts: { conflicts: ["a.md"] } }],
  ["it never had a veto", { record: { risk: { score: 40, factors: [] } } }],
])("it does not go on by itself where %s", (name, situation) => {
  const { vetoUntil: _, ...without } = MIDDLE;
  const record = name.startsWith("it never") ? without : { ...MIDDLE, ...situation.record };
  const items = [gateItem("a", { text: "A" })];
  const context = runContext(openRun(pipeline([gateStep("review", {})])), {
    workspace: workspace([project()], { settings: { policy: situation.policy ?? { veto: "4h" } } }),
    observed: EMPTY,
  });

  const plan = decideGate(context, openGate({ ...record, items }, situation.facts));

  expect(plan.actions.filter(({ kind }) => kind === "gate-settle")).toEqual([]);
  expect(plan.holds).toHaveLength(1);
  expect(plan.holds[0]?.why).not.toContain("by itself");
});

test("an operator's rejection in time counts, however late the tick", () => {
  expect(settle({ requests: [reject] })).toMatchObject({ decision: "rejected", by: ADA });
});

test.each([
  [EARLIER, "expired"],
  [LATER, "not-objected"],
])("an answer that was due at %s: whatever came first, so it is %s", (answerBy, decision) => {
  expect(settle({ record: { answerBy, onExpire: "reject" } })).toMatchObject({ decision });
});

test("a rule that came after the gate was opened is heeded, and one that went spares nobody", () => {
  const facts = { effects: "external", reversibility: "irreversible" } as const;
  const action: JudgedAction = {
    ...facts,
    project: "shop",
    pipeline: "chase",
    step: "send",
    agent: "mailer",
    items: 1,
    amount: 0,
    spendMicros: 0,
    paths: [],
    diffFiles: 0,
    taint: [],
    novelty: [],
    approvals: { approved: 0, rejected: 0 },
    declared: 0,
  };
  const rules = [{ when: "action.reversibility == 'irreversible'", add: 30 }];
  const record = { risk: { score: 40, factors: [], action } };

  expect(settle({ record })).toMatchObject({ decision: "not-objected" });
  expect(settle({ record, policy: { veto: "4h", rules } })).toBeUndefined();
  expect(settle({ record: { risk: { ...record.risk, score: 70 } } })).toBeUndefined();
});
