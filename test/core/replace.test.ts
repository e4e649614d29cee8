import { expect, test } from "vitest";
import type { Observed, OpenRun } from "#runner/core/model.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { plan } from "#runner/core/plan.ts";
import type { Pipeline, RunRequest } from "#runner/schema/types.gen.ts";
import {
  live,
  mailer,
  NOW,
  observed,
  openRun,
  pipeline,
  pipelineState,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, attempt, decided, MAIN, openGate, says } from "../support/core-records.ts";

const RUN = "chase.aaaaaaaaaaaa";
const OF: Pipeline = pipeline(
  [
    step("find"),
    { id: "review", gate: "Send them?", ask: "always", show: { all: "${{ steps.find.outputs }}" } },
    step("send", { agent: "mailer", needs: ["review"], once: { key: "mail" } }),
  ],
  { concurrency: { policy: "replace" } },
);
const FOUND = { attempts: [attempt("find")], values: [{}] };
const request: RunRequest = {
  id: "r1",
  kind: "run",
  project: "shop",
  pipeline: "chase",
  params: {},
  by: ADA,
  at: NOW,
};

/** The plan of a tick in which somebody asks for a run while one is open. */
function planWith(
  parts: Parameters<typeof openRun>[1] = FOUND,
  facts: Partial<Observed> = {},
): ReturnType<typeof plan> {
  const run: OpenRun = openRun(OF, { ...parts, agents: [mailer()] });
  const version = project({ pipelines: { chase: OF }, agents: [...run.agents.values()] });
  const state = live({ openRuns: [RUN], pipelines: { chase: pipelineState() } });
  const seen = observed([state], { runs: new Map([[RUN, run]]), requests: [request], ...facts });
  return plan(workspace([version]), seen, NOW);
}

function kindsOf(next: ReturnType<typeof plan>): readonly string[] {
  return next.actions.map(({ kind }) => kind);
}

function heldOf(next: ReturnType<typeof plan>): string {
  return next.holds.find(({ reason }) => reason === "concurrency")?.why ?? "";
}

test("the open run is cancelled and nothing else of it is planned", () => {
  const next = planWith({});

  expect(next.actions).toMatchObject([
    {
      kind: "run-cancel",
      run: RUN,
      result: "cancelled",
      reason: expect.stringMatching(/^replaced by chase\.[a-z0-9]{12}$/),
      serves: [],
    },
  ]);
  expect(heldOf(next)).toMatch(/it takes the place of chase\.aaaaaaaaaaaa$/);
});

test("the run that takes its place starts when it is gone", () => {
  const next = planWith({}, { runs: new Map() });

  expect(next.actions).toMatchObject([{ kind: "run-start", request: "r1" }]);
});

test("without replace the open run goes on", () => {
  const version = project({ pipelines: { chase: { ...OF, concurrency: {} } } });
  const runs = new Map([[RUN, openRun(OF)]]);
  const state = live({ openRuns: [RUN], pipelines: { chase: pipelineState() } });

  const next = plan(workspace([version]), observed([state], { runs, requests: [request] }), NOW);

  expect(kindsOf(next)).toEqual(["step-start"]);
});

test("a step at work comes to its end first, and no other one begins", () => {
  const other = step("other");
  const run = openRun({ ...OF, steps: [...OF.steps, other] });
  const working = new Set([unitKey({ run: RUN, step: "find", item: null })]);

  const next = planWith({}, { runs: new Map([[RUN, run]]), working });

  expect(kindsOf(next)).toEqual([]);
  expect(heldOf(next)).toContain("when the step at work is over");
});

test("a run that somebody calls off is cancelled once, for their reason", () => {
  const asks = {
    kind: "cancel",
    project: "shop",
    run: RUN,
    by: ADA,
    reason: "",
    keep: false,
    at: NOW,
  } as const;

  const next = planWith(FOUND, { requests: [request, { id: "r2", ...asks }] });

  expect(next.actions).toMatchObject([{ kind: "run-cancel", reason: `${ADA} cancelled it` }]);
});

test("a step at work in another run stands in nobody's way", () => {
  const working = new Set([unitKey({ run: "chase.bbbbbbbbbbbb", step: "find", item: null })]);

  expect(kindsOf(planWith({}, { working }))).toEqual(["run-cancel"]);
});

test("an open gate that nobody has answered is no obstacle", () => {
  const gates = new Map([["chase-1", openGate()]]);

  const next = planWith(FOUND, { gates });

  // Its gate ends first, with a word on what comes in its place; then the run.
  expect(next.actions).toMatchObject([
    { kind: "gate-settle", gate: "chase-1", decision: "superseded", via: "replaced", items: [] },
  ]);
  expect(next.actions[0]?.because).toMatch(/chase\.[a-z0-9]{12} takes the place of its run/u);
  const settled = { ...FOUND, decisions: [decided({ decision: "superseded" })] };
  expect(kindsOf(planWith(settled))).toEqual(["run-cancel"]);
  const conflicting = new Map([["chase-1", openGate({}, { conflicts: ["a.md"] })]]);
  expect(kindsOf(planWith(FOUND, { gates: conflicting }))).toEqual(["gate-settle"]);
});

test("a decision that nobody had to make is no obstacle", () => {
  const decisions = [decided({ decision: "not-asked", gate: null })];

  expect(kindsOf(planWith({ ...FOUND, decisions }))).toEqual(["run-cancel"]);
});

test("that a cap was raised for it is no obstacle", () => {
  const decisions = [decided({ step: "cap0123456789ab", gate: "chase-2" })];

  expect(kindsOf(planWith({ ...FOUND, decisions }))).toEqual(["run-cancel"]);
});

const approved = { ...FOUND, decisions: [decided({ at: NOW })] };
const effect = { key: "k", base: "b", ordinal: 1, onceKey: "mail" };
const intended = attempt("send", {
  state: "intended",
  outcome: null,
  finishedAt: null,
  outputs: null,
  agent: "mailer",
  effect,
});
const done = attempt("send", { agent: "mailer", effect });
const onMain = {
  commit: MAIN,
  approver: ADA,
  says: says("approved"),
  items: new Map(),
  deliverables: new Map(),
};
const reject = {
  id: "r2",
  kind: "reject",
  gate: "chase-1",
  reason: "no",
  by: ADA,
  at: NOW,
} as const;
const lease = {
  runner: "laptop",
  runs: [RUN],
  fence: 1,
  since: NOW,
  expires: "2026-11-22T10:01:00.000Z",
};

test.each<[string, Parameters<typeof planWith>[0], Partial<Observed>, RegExp]>([
  [
    "whose effect is intended",
    { ...FOUND, attempts: [...FOUND.attempts, intended] },
    {},
    /step send has begun to act/,
  ],
  [
    "whose effect has happened",
    { ...FOUND, attempts: [...FOUND.attempts, done] },
    {},
    /step send has begun to act/,
  ],
  ["whose gate a person approved", approved, {}, /its gate review has an answer/],
  [
    "whose gate was merged just now",
    FOUND,
    { gates: new Map([["chase-1", openGate({}, { onMain })]]) },
    /its gate review has an answer/,
  ],
  [
    "whose gate's branch somebody has changed",
    FOUND,
    { gates: new Map([["chase-1", openGate({}, { branchHead: "c".repeat(40) })]]) },
    /its gate review has an answer, or somebody works on it/,
  ],
  [
    "whose gate somebody has remarked on",
    FOUND,
    { gates: new Map([["chase-1", openGate({}, { remarkedBy: ADA })]]) },
    /its gate review has an answer, or somebody works on it/,
  ],
  [
    "whose gate was rejected just now",
    FOUND,
    { gates: new Map([["chase-1", openGate()]]), requests: [request, reject] },
    /its gate review has an answer/,
  ],
  ["that another runner works on", FOUND, { runners: [lease] }, /laptop works on it/],
])("a run %s goes on to its end", (_, parts, facts, why) => {
  const next = planWith(parts, facts);

  expect(kindsOf(next)).not.toContain("run-cancel");
  expect(kindsOf(next)).not.toContain("run-start");
  expect(heldOf(next)).toMatch(why);
});

test("a run stays when a run that it waits for has begun to act on the outside world", () => {
  const trigger = { kind: "pipeline" as const, run: RUN, step: "each", item: "a" };
  const child = openRun(OF, {
    record: { id: "chase.bbbbbbbbbbbb", trigger },
    attempts: [attempt("send", { effect })],
    agents: [mailer()],
  });
  const run = openRun(OF, { ...FOUND, agents: [mailer()] });
  const runs = new Map([run, child].map((one) => [one.record.id, one]));

  const next = planWith(FOUND, { runs });

  expect(kindsOf(next)).not.toContain("run-cancel");
  expect(heldOf(next)).toContain("step send has begun to act on the outside world");
});
