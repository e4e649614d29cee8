import { expect, test } from "vitest";
import { decideGate } from "#runner/core/gate/gate-decision.ts";
import type { ForgeFacts } from "#runner/core/forge/forge-facts.ts";
import type { GateFacts, OpenRun } from "#runner/core/model.ts";
import { retried } from "#runner/core/retried-run.ts";
import { reworkOf, whyNotAnew } from "#runner/core/rework.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import type { ClosedRun, GateRecord, RequestRecord, RunRecord } from "#runner/schema/types.gen.ts";
import {
  EMPTY,
  gateStep,
  NOW,
  openRun,
  pipeline,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, BLOB, decided, MAIN, openGate, runRecord, says } from "../support/core-records.ts";

const ASKED = { step: "review", gate: "chase-0", time: 3 };

function runOf(record: Partial<RunRecord> = {}, gate: object = {}): OpenRun {
  const show = { text: "${{ steps.draft.outputs }}" };
  const of = pipeline([step("draft"), { ...gateStep("review", show), ...gate }]);
  return { ...openRun(of), record: runRecord(record) };
}

const request: RequestRecord = {
  id: "r1",
  kind: "reject",
  gate: "chase-1",
  by: ADA,
  reason: "shorter",
  retry: true,
  at: NOW,
};

interface Situation {
  readonly run?: OpenRun;
  readonly requests?: readonly RequestRecord[];
  readonly facts?: Partial<GateFacts>;
  readonly gate?: Partial<GateRecord>;
}

function planOf({ run = runOf(), requests = [], facts, gate }: Situation): StepPlan {
  const context = runContext(run, {
    workspace: workspace([], { settings: { operators: [{ email: ADA, login: "ada" }] } }),
    observed: { ...EMPTY, requests },
  });
  return decideGate(context, openGate(gate, facts));
}

function reviewed(text: string): ForgeFacts {
  const ada = { login: "ada", isBot: false };
  const review = { ...ada, state: "changes-requested", commit: MAIN, at: NOW, text } as const;
  const open = { closedBy: null, mergedBy: null, mergeable: true, draft: false };
  return { state: "open", ...open, reviews: [review] };
}

const merged = {
  commit: MAIN,
  approver: ADA,
  says: says("changes", "shorter"),
  items: new Map(),
  deliverables: new Map(),
};

test.each<[string, Situation, object]>([
  ["a request", { requests: [request] }, { via: "reject", request: "r1", commit: null }],
  ["a review", { facts: { forge: reviewed("shorter") } }, { via: "review", request: null }],
  ["a record on main", { facts: { onMain: merged } }, { via: "merge", commit: MAIN }],
])("%s of an operator asks for changes: nothing of what was shown is decided", (_, facts, how) => {
  expect(planOf(facts).actions).toMatchObject([
    {
      kind: "gate-settle",
      decision: "changes-requested",
      by: ADA,
      reason: "shorter",
      items: [],
      files: {},
      ...how,
    },
  ]);
});

test.each<[string, Situation, RegExp]>([
  [
    "who has written it on the branch cannot be told",
    { facts: { branchHead: BLOB, onBranch: says("changes", "shorter") } },
    /who asks for them cannot be told/u,
  ],
  ["the review says nothing", { facts: { forge: reviewed(" ") } }, /no note says which/u],
  [
    "the review is of a whole briefing",
    { facts: { forge: reviewed("shorter") }, gate: { briefing: { id: "briefing-1", place: 1 } } },
    /other gates, or edits, stand on its branch/u,
  ],
  [
    "somebody works on the branch",
    { facts: { forge: reviewed("shorter"), branchHead: BLOB } },
    /other gates, or edits, stand on its branch/u,
  ],
  [
    "they were asked for as often as may be",
    { facts: { forge: reviewed("shorter") }, run: runOf({ changes: [ASKED] }) },
    /3 times in a row, and maxChanges is 3/u,
  ],
])("the gate waits for a person where %s", (_, situation, why) => {
  const { actions, holds } = planOf(situation);

  expect(actions).toEqual([]);
  expect(holds).toMatchObject([{ reason: "changes-requested", why: expect.stringMatching(why) }]);
});

test("a request that cannot be followed any more rejects", () => {
  const run = runOf({ changes: [ASKED] });

  expect(planOf({ run, requests: [request] }).actions).toMatchObject([
    { decision: "rejected", via: "reject", reason: "shorter", request: "r1" },
  ]);
});

const parent = { kind: "pipeline", run: "all.bbbbbbbbbbbb", step: "each", item: "a" } as const;

test.each<[string, OpenRun]>([
  ["made by a step", runOf()],
  ["made by a step, asked for twice", runOf({ changes: [{ ...ASKED, time: 2 }] })],
  ["asked for at another gate", runOf({ changes: [{ ...ASKED, step: "other" }] })],
])("what is %s can be made anew", (_, run) => {
  expect(whyNotAnew(run, { step: "review" })).toBeNull();
});

test.each<[string, OpenRun, string, RegExp]>([
  ["allowed no change", runOf({}, { maxChanges: 0 }), "review", /maxChanges is 0/u],
  ["a gate of no step, as of a cap", runOf(), "cap0123", /no step of the run/u],
  ["made by no step", runOf({}, { show: { what: "${{ params.x }}" } }), "review", /no step/u],
  ["of an undoing run", runOf({ undoes: { run: "a", endedAt: NOW } }), "review", /no step/u],
  ["part of another run", runOf({ trigger: parent }), "review", /part of all\.bbbbbbbbbbbb/u],
])("what is %s cannot be made anew, and says why", (_, run, id, why) => {
  expect(whyNotAnew(run, { step: id })).toMatch(why);
});

test("the next run counts how often changes were asked for, gate by gate", () => {
  const changes = decided({ decision: "changes-requested", by: ADA, reason: "shorter" });
  const run = { ...runOf({ changes: [{ ...ASKED, time: 1 }] }), decisions: [changes] };

  expect(reworkOf(run)).toEqual({
    by: ADA,
    reason: "shorter",
    changes: [{ step: "review", gate: "chase-1", time: 2 }],
  });
  expect(reworkOf({ ...run, decisions: [decided({ decision: "rejected" })] })).toBeUndefined();
});

test("a run that makes changes says so, and any other further try does not", () => {
  const { startedAt: _, ...fresh } = runRecord();
  const before = runRecord({ id: "chase.b" });
  const closed: ClosedRun = {
    run: before,
    result: "rejected",
    reason: "",
    endedAt: NOW,
    costMicros: 0,
    outputs: {},
    attempts: [],
    gates: [],
  };
  const ended = new Map([[before.id, { closed, version: undefined, values: new Map() }]]);
  const retry = {
    id: "r2",
    kind: "retry",
    project: "shop",
    pipeline: "chase",
    run: before.id,
    endedAt: NOW,
    params: {},
    from: null,
    upgrade: false,
    by: ADA,
    at: NOW,
  } as const;
  const candidate = {
    slot: "request:r2",
    asOf: NOW,
    trigger: { kind: "manual", request: "r2", by: ADA },
    cursor: {},
    params: {},
    request: "r2",
    because: "",
  } as const;
  const observed = { ...EMPTY, ended };
  const startOf = (more: object): object =>
    retried(fresh, { ...candidate, retry: { ...retry, ...more } }, observed);

  expect(startOf({ changes: [ASKED] })).toMatchObject({ changes: [ASKED] });
  expect(startOf({})).not.toHaveProperty("changes");
});
