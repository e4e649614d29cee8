import { expect, test } from "vitest";
import { admitGates, reviewsLeft } from "#runner/core/gate/gate-admission.ts";
import { heldBack, isQueued, pressureOn } from "#runner/core/gate/back-pressure.ts";
import { orphanRequests } from "#runner/core/orphan-request.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { Action } from "#runner/core/action.ts";
import type { GateOpen } from "#runner/core/gate/gate-action.ts";
import type { Observed } from "#runner/core/model.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { Attention, LiveProject, RunRecord } from "#runner/schema/types.gen.ts";
import {
  EMPTY,
  gateStep,
  live,
  NOW,
  openRun,
  pipeline,
  project,
  runContext,
  workspace,
} from "../support/core-builders.ts";
import { ADA, attempt, openGate, runRecord } from "../support/core-records.ts";

// NOW is a Sunday.
const EARLIER_TODAY = "2026-11-21T23:00:00.000Z";
const YESTERDAY = "2026-11-21T22:59:59.999Z";

interface Situation {
  readonly requests?: Observed["requests"];
  readonly attention?: Attention | null;
  readonly opened?: readonly string[];
  readonly queued?: LiveProject["queuedGates"];
}

function open(id: string, score: number): GateOpen {
  const {
    head: _,
    openedAt: _at,
    answerBy: _by,
    items: _items,
    absentSince: _since,
    ...gate
  } = openGate({ id, risk: { score, factors: [] } }).record;
  return {
    kind: "gate-open",
    project: gate.project,
    because: "",
    answerWithinMs: 3_600_000,
    gate,
    items: [],
  };
}

function factsOf({
  attention = { reviewsPerDay: 3 },
  opened = [],
  queued,
  requests = [],
}: Situation): Parameters<typeof admitGates>[0] {
  const settings = { timezone: "Europe/Berlin", ...(attention === null ? {} : { attention }) };
  const shop = live(queued === undefined ? {} : { queuedGates: queued });
  const observed: Observed = {
    ...EMPTY,
    requests,
    summaries: {
      ...NO_SUMMARIES,
      workspace: { ...NO_SUMMARIES.workspace, gatesOpened: [...opened] },
      projects: new Map([["shop", shop]]),
    },
  };
  return { workspace: workspace([project()], { settings }), observed, now: NOW };
}

function admitted(situation: Situation, gates: readonly GateOpen[]): readonly string[] {
  const { actions, holds } = admitGates(factsOf(situation), gates);
  return [...actions, ...holds].map((one) => ("kind" in one ? nameOf(one) : one.reason));
}

function nameOf(action: Action): string {
  if (action.kind === "gate-open") return `open ${action.gate.id}`;
  return action.kind === "gate-queue" ? `queue ${action.gate}` : action.kind;
}

const queued = { run: "chase.aaaaaaaaaaaa", step: "review", since: YESTERDAY, answerBy: null };
const gates = [open("low", 20), open("high", 70), open("middle", 50)];

test.each<[string, Situation, readonly string[]]>([
  ["nothing limits them", { attention: null }, ["open low", "open high", "open middle"]],
  ["there is room", {}, ["open low", "open high", "open middle"]],
  [
    "some of the day is used: the most urgent open",
    { opened: [EARLIER_TODAY, EARLIER_TODAY] },
    ["queue low", "open high", "queue middle", "attention-full", "attention-full"],
  ],
  [
    "yesterday's do not count",
    { opened: [YESTERDAY, YESTERDAY, YESTERDAY] },
    ["open low", "open high", "open middle"],
  ],
  [
    "what is queued already is not queued again",
    {
      opened: [EARLIER_TODAY, EARLIER_TODAY, EARLIER_TODAY],
      queued: { low: queued, high: queued },
    },
    ["queue middle", "attention-full", "attention-full", "attention-full"],
  ],
  [
    "it is no day of work",
    { attention: { days: "mon-fri" } },
    ["queue low", "queue high", "queue middle", "queued", "queued", "queued"],
  ],
  [
    "unless it is critical",
    { attention: { days: "mon-fri", critical: 70 } },
    ["queue low", "open high", "queue middle", "queued", "queued"],
  ],
  [
    "five a day where nothing else is said",
    { attention: {}, opened: [1, 2, 3, 4].map(() => EARLIER_TODAY) },
    ["queue low", "open high", "queue middle", "attention-full", "attention-full"],
  ],
])("%s", (_, situation, expected) => {
  expect(admitted(situation, gates)).toEqual(expected);
});

const used3 = [1, 2, 3].map(() => EARLIER_TODAY);

test.each([
  ["an operator", ADA, ["open low", "open high", "open middle"]],
  [
    "somebody else",
    "eve@elsewhere.example",
    ["queue low", "queue high", "queue middle", ...used3.map(() => "attention-full")],
  ],
])("%s asks for more than the day allows", (_, by, expected) => {
  const requests: Observed["requests"] = [{ id: "m", kind: "more", by, at: NOW }];

  expect(admitted({ opened: used3, requests }, gates)).toEqual(expected);
  expect(orphanRequests(factsOf({}).workspace, { ...EMPTY, requests })).toMatchObject([
    { kind: "request-settle", request: "m", project: "" },
  ]);
});

test("whoever waits is told for what, until when, and at which place", () => {
  const { holds } = admitGates(factsOf({ opened: [1, 2, 3].map(() => EARLIER_TODAY) }), gates);

  expect(holds).toContainEqual({
    project: "shop",
    subject: "step:chase.aaaaaaaaaaaa/review",
    reason: "attention-full",
    why: '"Send them?" waits its turn (place 2): 3 reviews a day are used up',
    unblock:
      "fettle gates --more   shows the next ones now; attention.reviewsPerDay in fettle.yaml is the ceiling",
    until: "2026-11-22T23:00:00.000Z",
  });
});

test("other actions pass, in their order", () => {
  const other: Action = { kind: "resource-prune", project: "shop", because: "" };

  expect(admitGates(factsOf({}), [other, open("a", 1), other]).actions).toMatchObject([
    { kind: "resource-prune" },
    { kind: "gate-open" },
    { kind: "resource-prune" },
  ]);
});

const full = { reviewsPerDay: 1 };
const used = [EARLIER_TODAY];
const scheduled: Partial<RunRecord> = {
  id: "chase.bbbbbbbbbbbb",
  trigger: { kind: "schedule", due: NOW },
};

/** A run beside one whose gate may be queued. */
function beside(situation: Situation, of: Partial<RunRecord> = {}, hasBegun = false): RunContext {
  const { workspace: settings, observed } = factsOf(situation);
  const first = openRun(pipeline([gateStep("review", {})]));
  const run = openRun(pipeline([gateStep("review", {})]), {
    record: runRecord({ ...scheduled, ...of }),
    attempts: hasBegun ? [attempt("draft")] : [],
  });
  const runs = new Map([first, run].map((one) => [one.record.id, one]));
  return { ...runContext(run, { workspace: settings, observed: { ...observed, runs } }) };
}

const piled: Situation = { attention: full, opened: used, queued: { "chase-1": queued } };

test("a run of a pipeline whose gate nobody can be shown today makes nothing before tomorrow", () => {
  expect(heldBack(beside(piled))).toMatchObject({
    reason: "attention-full",
    subject: "run:chase.bbbbbbbbbbbb",
    until: "2026-11-22T23:00:00.000Z",
  });
});

test.each<[string, RunContext]>([
  ["with room for it today", beside({ ...piled, attention: { reviewsPerDay: 2 } })],
  ["with nothing queued", beside({ ...piled, queued: {} })],
  ["without a ceiling", beside({ ...piled, attention: null })],
  ["of another pipeline", beside(piled, { pipeline: "other" })],
  [
    "that an operator has asked for",
    beside(piled, { trigger: { kind: "manual", request: "1", by: "a" } }),
  ],
  ["that has begun", beside(piled, {}, true)],
  [
    "whose own gate is queued",
    beside({ ...piled, queued: { g: { ...queued, run: "chase.bbbbbbbbbbbb" } } }),
  ],
])("a run %s goes on", (_, context) => {
  expect(heldBack(context)).toBeNull();
});

test("as many queued gates as a day has reviews are too many, whatever is left of today", () => {
  const context = beside({ attention: full, queued: { "chase-1": queued } });

  expect(reviewsLeft(context, full)).toBe(1);
  expect(pressureOn(context, { project: "shop", pipeline: "chase" })).toMatchObject({
    why: "1 gate is queued: chase makes nothing more until you are shown it",
  });
  expect(isQueued(context, context.run)).toBe(false);
});
