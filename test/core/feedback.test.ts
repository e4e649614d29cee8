import { expect, test } from "vitest";
import { keptResult } from "#runner/core/earlier-run.ts";
import { feedbackOf } from "#runner/core/feedback.ts";
import type { OpenRun } from "#runner/core/model.ts";
import type { GateDecision } from "#runner/schema/types.gen.ts";
import { agent, gateStep, openRun, pipeline, step } from "../support/core-builders.ts";
import { attempt, decided } from "../support/core-records.ts";

const REJECTED: Partial<GateDecision> = {
  step: "review",
  gate: "g1",
  decision: "rejected",
  via: "reject",
  reason: "too long",
};

function retried(decision: Partial<GateDecision>): OpenRun {
  const show = { text: "${{ steps.draft.outputs }}" };
  const of = pipeline([step("find"), step("draft"), gateStep("review", show)]);
  const run = openRun(of);
  const attempts = [attempt("find", {}), attempt("draft", {})].map((made) => ({
    ...made,
    agentTree: run.agents.get(made.step)?.tree ?? "",
  }));
  const earlier = {
    run: "chase.b",
    from: null,
    spec: null,
    params: {},
    hasSameBase: true,
  } as const;
  const decisions = [decided({ ...REJECTED, ...decision })];
  return { ...run, earlier: { ...earlier, attempts, children: [], decisions, waits: [] } };
}

test.each<[string, string, Partial<GateDecision>, string | null]>([
  ["what it made was rejected with words", "draft", {}, "too long"],
  [
    "changes of what it made were asked for",
    "draft",
    { decision: "changes-requested" },
    "too long",
  ],
  [
    "a review asked for changes",
    "draft",
    { decision: "changes-requested", via: "review" },
    "too long",
  ],
  ["the gate did not show what it made", "find", {}, null],
  ["nothing was said", "draft", { reason: " " }, null],
  ["it was approved", "draft", { decision: "approved", via: "merge" }, null],
  ["the branch was deleted", "draft", { via: "branch-deleted" }, null],
  ["nobody answered in time", "draft", { decision: "expired", via: "expiry" }, null],
  ["nobody was asked", "draft", { gate: null, via: "policy" }, null],
])("where %s, step %s hears of it", (_, of, decision, words) => {
  expect(feedbackOf(retried(decision), of)).toBe(words);
});

test("a run that tries no other one hears nothing", () => {
  expect(feedbackOf(openRun(pipeline([step("draft")])), "draft")).toBeNull();
});

test.each([
  ["draft", {}, false],
  ["find", {}, true],
  ["draft", { reason: "" }, true],
] as const)("the result of %s (%j) is taken over: %s", (of, decision, isKept) => {
  const run = retried(decision);
  const unit = { step: step(of), agent: agent(of), item: null, scope: {} };

  expect(keptResult(run, unit, {}) !== undefined).toBe(isKept);
});
