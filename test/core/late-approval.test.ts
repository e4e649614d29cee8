import { expect, test } from "vitest";
import { lateApproval } from "#runner/core/gate/late-approval.ts";
import type { Observed } from "#runner/core/model.ts";
import type { ClosedRun, GateDecision } from "#runner/schema/types.gen.ts";
import {
  gateStep,
  live,
  observed,
  openRun,
  pipeline,
  pipelineState,
} from "../support/core-builders.ts";
import { decided, openGate, runRecord } from "../support/core-records.ts";

const ENDED = "2026-11-22T10:00:00.000Z";
const LATER = "2026-11-22T11:00:00.000Z";
const REVIEW = gateStep("review", {});
const NEWER = "chase.bbbbbbbbbbbb";

const ASKING = { id: REVIEW.id, title: REVIEW.gate, isQuestion: false };

function judge(
  seen: Partial<Observed> = {},
  decisions: readonly GateDecision[] = [],
): readonly (string | undefined)[] {
  const closed: ClosedRun = {
    run: runRecord(),
    result: "cancelled",
    reason: "replaced",
    endedAt: ENDED,
    costMicros: 0,
    outputs: {},
    attempts: [],
    gates: [...decisions],
  };
  const late = lateApproval(
    { gate: "chase-1", step: ASKING, closed },
    observed([live({ pipelines: { chase: pipelineState() } })], seen),
  );
  return late === null ? [] : [late.why, late.unblock];
}

function newer(...decisions: readonly GateDecision[]): Observed["runs"] {
  const run = openRun(pipeline([REVIEW]), { record: { id: NEWER }, decisions });
  return new Map([[NEWER, run]]);
}

function after(result: ClosedRun["result"], endedAt: string): Partial<Observed> {
  const lastRun = { id: NEWER, result, endedAt };
  return observed([live({ pipelines: { chase: pipelineState({ lastRun }) } })]);
}

test("what no run waits for any more counts for nothing, and another run asks again", () => {
  expect(judge()).toEqual([
    "its approval reached main after the run was over (cancelled: replaced), so nothing of it is carried out",
    "fettle run shop/chase, which asks again",
  ]);
});

test.each(["expiry", "reject", "branch-deleted"] as const)(
  "a gate that was answered by %s before is not approved any more",
  (via) => {
    const [why] = judge({}, [decided({ decision: "rejected", via, reason: "no" })]);

    expect(why).toBe(
      "its approval reached main after the gate was rejected (no), so nothing of it is carried out",
    );
  },
);

test.each(["merge", "earlier-run"] as const)("what was approved by %s counted", (via) => {
  expect(judge({}, [decided({ via })])).toEqual([]);
});

test("the gate of a newer run is the one to approve", () => {
  const gate = openGate({ id: "chase-2", run: NEWER });
  const other = openGate({ id: "chase-0", run: "other.bbbbbbbbbbbb" });
  const gates = new Map([
    ["chase-0", other],
    ["chase-2", gate],
  ]);

  expect(judge({ runs: newer(), gates })[1]).toMatch(/^fettle approve chase-2/);
  expect(judge({ runs: newer() })[1]).toBe(`${NEWER} asks again when it gets there`);
});

test("nothing is told any more when a newer run has been decided", () => {
  expect(judge({ runs: newer(decided({ at: LATER })) })).toEqual([]);
  expect(judge({ runs: newer(decided({ at: LATER, step: "other" })) })).not.toEqual([]);
  expect(judge(after("succeeded", LATER))).toEqual([]);
  expect(judge(after("cancelled", LATER))).not.toEqual([]);
  expect(judge(after("failed", ENDED))).not.toEqual([]);
});
