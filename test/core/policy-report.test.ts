import { expect, test } from "vitest";
import { policyReport, type OtherThresholds } from "#runner/core/gate/policy-report.ts";
import { historiesOf } from "#runner/core/run-history.ts";
import { riskOf } from "#runner/core/gate/risk.ts";
import type { JudgedAction, Policy } from "#runner/schema/types.gen.ts";
import {
  EMPTY,
  gateStep,
  openRun,
  pipeline,
  project,
  workspace,
} from "../support/core-builders.ts";
import { decided, openGate } from "../support/core-records.ts";

const ACTION: JudgedAction = {
  effects: "external",
  reversibility: "irreversible",
  project: "shop",
  pipeline: "chase",
  agent: "mailer",
  step: "send",
  items: 3,
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
const RULES: Policy = { rules: [{ when: "action.items > 2", add: 10 }] };

function report(policy: Policy, other: OtherThresholds = {}): ReturnType<typeof policyReport> {
  const of = pipeline([gateStep("review", {}), gateStep("last", {}, { ask: "always" })]);
  const at = "2026-11-20T10:00:00.000Z";
  const decisions = [
    decided({ step: "review", decision: "not-asked", gate: null, risk: 20, at, action: ACTION }),
    decided({ step: "first", decision: "approved", risk: 30, at: "2026-11-19T10:00:00.000Z" }),
  ];
  const run = openRun(of, { decisions });
  const gate = openGate({ step: "last", risk: riskOf(ACTION, undefined) });
  const seen = {
    ...EMPTY,
    runs: new Map([[run.record.id, run]]),
    gates: new Map([[gate.record.id, gate]]),
  };
  const desired = workspace([project({ pipelines: { chase: of } })], { settings: { policy } });
  return policyReport(historiesOf(seen, new Map()), desired, { other, limit: 9 });
}

test("gates are judged by the rules of today, newest first; what they would see of older ones is not known", () => {
  const { gates, policy, instead } = report({ ...RULES, veto: "4h" });

  expect(policy).toEqual({ autoBelow: 25, gateFrom: 60, veto: "4h" });
  expect(instead).toBeNull();
  expect(gates).toMatchObject([
    { step: "last", decision: null, risk: 40, now: { score: 50 }, ask: "always", asking: "yes" },
    { step: "review", decision: "not-asked", risk: 20, now: { score: 50 }, asking: "unless" },
    { step: "first", decision: "approved", risk: 30, now: null, asking: "unless", instead: null },
  ]);
  expect(gates[0]?.now?.factors).toEqual([
    { points: 40, why: "effects: external" },
    { points: 10, why: "action.items > 2" },
  ]);
});

test("other thresholds say what they would have done", () => {
  const { gates, instead } = report(RULES, { autoBelow: 51 });

  expect(instead).toEqual({ autoBelow: 51, gateFrom: 60 });
  expect(gates.map((gate) => [gate.asking, gate.instead])).toEqual([
    ["yes", "yes"],
    ["yes", "no"],
    ["yes", "no"],
  ]);
});
