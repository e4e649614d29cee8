import { expect, test } from "vitest";
import { decideGate } from "#runner/core/gate/gate-decision.ts";
import type { GateSettle } from "#runner/core/gate/gate-action.ts";
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
const MIDDLE: Partial<GateRecord> = {
  openedAt: "2026-11-22T06:00:00.000Z",
  vetoUntil: NOW,
  risk: { score: 40, factors: [] },
};

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
  ["somebody has remarked on it", { facts: { remarkedBy: "ada" } }],
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

const AT_HALF_PAST_NINE = "2026-11-22T09:30:00.000Z";

test.each<[string, string, string | undefined]>([
  ["a longer one is waited for", "31m", undefined],
  ["a shorter one shortens nothing", "1m", "not-objected"],
])("of today's veto and that of the opening %s", (_, veto, decision) => {
  const record = { openedAt: AT_HALF_PAST_NINE };
  const plan = decide({ record, policy: { veto } });
  const settled = plan.actions.find((action) => action.kind === "gate-settle");

  expect(settled?.decision).toBe(decision);
  expect(plan.wakes).toEqual(decision === undefined ? ["2026-11-22T10:01:00.000Z"] : []);
});

test("what somebody has said that may be an objection is waited on, and told", () => {
  const plan = decide({ facts: { remarkedBy: ADA } });

  expect(plan.actions).toEqual([]);
  expect(plan.holds).toMatchObject([
    { reason: "awaiting-approval", why: expect.stringContaining(`${ADA} has said something`) },
  ]);
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
