import { expect, test } from "vitest";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import { proposalOf } from "#runner/core/gate/gate-proposal.ts";
import type { GateOpen } from "#runner/core/gate/gate-action.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import {
  EMPTY,
  gateStep,
  live,
  openRun,
  pipeline,
  project,
  runContext,
  workspace,
} from "../support/core-builders.ts";
import { gateItem, openGate } from "../support/core-records.ts";
import type { QueuedGate } from "#runner/schema/types.gen.ts";

interface Proposed {
  readonly id?: string;
  readonly claims?: string[];
  readonly keys?: readonly (string | null)[];
  readonly pipeline?: string;
  readonly project?: string;
}

function proposal({ id = "chase-2", claims = [], keys = [], ...of }: Proposed): GateOpen {
  const {
    head: _,
    openedAt: _at,
    answerBy: _by,
    items: _items,
    absentSince: _since,
    ...gate
  } = openGate({ id, claims, ...of }).record;
  const items = keys.map((key) => ({
    show: "drafts",
    key,
    step: "draft",
    digest: "",
    outputs: {},
  }));
  return {
    kind: "gate-open",
    project: gate.project,
    because: "",
    answerWithinMs: null,
    gate,
    items,
  };
}

interface Waiting {
  readonly queued?: QueuedGate;
}

function contextOf(gates: readonly ObservedGate[], { queued }: Waiting = {}): RunContext {
  const run = openRun(pipeline([gateStep("review", {})]));
  const shop = live(queued === undefined ? {} : { queuedGates: { "chase-2": queued } });
  const summaries = { ...NO_SUMMARIES, projects: new Map([[shop.project, shop]]) };
  const observed = {
    ...EMPTY,
    summaries,
    gates: new Map(gates.map((gate) => [gate.record.id, gate])),
  };
  return runContext(run, { workspace: workspace([project()]), observed });
}

test.each<[string, Proposed, boolean]>([
  [
    "the same file, even of another project",
    { claims: ["notes.md"], project: "other", pipeline: "other" },
    true,
  ],
  ["another file", { claims: ["other.md"] }, false],
  ["the same item of the same pipeline", { keys: ["a"] }, true],
  ["another item", { keys: ["b"] }, false],
  ["an item of that name in another pipeline", { keys: ["a"], pipeline: "other" }, false],
  ["an item of that name in another project", { keys: ["a"], project: "other" }, false],
  ["a value without a key", { keys: [null] }, false],
])("beside an open gate: %s", (_, proposed, isHeld) => {
  const rival = openGate({ claims: ["notes.md"], items: [gateItem("a", {}), gateItem(null, {})] });

  const plan = proposalOf(contextOf([rival]), proposal(proposed));

  expect(plan.actions).toHaveLength(isHeld ? 0 : 1);
  expect(plan.holds.map(({ reason }) => reason)).toEqual(isHeld ? ["claimed"] : []);
});

test("two gates of one plan never claim the same", () => {
  const context = contextOf([]);

  expect(
    proposalOf(context, proposal({ id: "one", claims: ["notes.md"], keys: ["a"] })).actions,
  ).toHaveLength(1);
  expect(proposalOf(context, proposal({ id: "two", claims: ["notes.md"] })).holds).toMatchObject([
    { reason: "claimed" },
  ]);
  expect(proposalOf(context, proposal({ id: "three", keys: ["a"] })).holds).toMatchObject([
    { reason: "claimed" },
  ]);
  expect(proposalOf(context, proposal({ id: "four", keys: ["b"] })).actions).toHaveLength(1);
});

const queued = {
  run: "chase.aaaaaaaaaaaa",
  step: "review",
  since: "2026-11-20T10:00:00.000Z",
  answerBy: "2026-11-22T10:00:00.000Z",
};

test("the time of a gate that was queued runs from then on", () => {
  const later = { ...queued, answerBy: "2026-11-22T10:00:00.001Z" };

  expect(proposalOf(contextOf([], { queued: later }), proposal({})).actions).toMatchObject([
    { kind: "gate-open", answerBy: later.answerBy },
  ]);
});

test("a gate that nobody was shown in time expires where it says reject, and refuses nothing", () => {
  const expiring = { ...proposal({}).gate, onExpire: "reject" } as const;

  expect(
    proposalOf(contextOf([], { queued }), { ...proposal({}), gate: expiring }).actions,
  ).toMatchObject([{ kind: "gate-settle", gate: null, decision: "expired", items: [] }]);
  expect(proposalOf(contextOf([], { queued }), proposal({})).actions).toMatchObject([
    { kind: "gate-open" },
  ]);
});
