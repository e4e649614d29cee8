import { expect, test } from "vitest";
import { NO_SUMMARIES } from "#runner/core/fold.ts";
import { proposalOf } from "#runner/core/gate-proposal.ts";
import type { GateOpen } from "#runner/core/gate-action.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import {
  EMPTY,
  gateStep,
  openRun,
  pipeline,
  project,
  runContext,
  workspace,
} from "../support/core-builders.ts";
import { gateItem, openGate } from "../support/core-records.ts";

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

function contextOf(
  gates: readonly ObservedGate[],
  reviews?: { readonly perDay: number; readonly opened: number },
): RunContext {
  const run = openRun(pipeline([gateStep("review", {})]));
  const today = Array.from({ length: reviews?.opened ?? 0 }, () => "2026-11-21T23:00:00.000Z");
  const gatesOpened = [...Array.from({ length: 99 }, () => "2026-11-21T22:59:59.000Z"), ...today];
  const summaries = { ...NO_SUMMARIES, workspace: { ...NO_SUMMARIES.workspace, gatesOpened } };
  const timezone = "Europe/Berlin";
  const attention = reviews === undefined ? {} : { reviewsPerDay: reviews.perDay };
  const settings = { timezone, attention };
  const observed = {
    ...EMPTY,
    summaries,
    gates: new Map(gates.map((gate) => [gate.record.id, gate])),
  };
  return runContext(run, { workspace: workspace([project()], { settings }), observed });
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

test("no more gates open than the operator reviews in a day", () => {
  const context = contextOf([], { perDay: 3, opened: 1 });

  const plans = ["a", "b", "c"].map((id) => proposalOf(context, proposal({ id })));

  expect(plans.map(({ actions }) => actions.length)).toEqual([1, 1, 0]);
  expect(plans[2]?.holds).toMatchObject([
    { reason: "attention-full", until: "2026-11-22T23:00:00.000Z" },
  ]);
});

test("without a ceiling as many open as there are", () => {
  const context = contextOf([]);

  expect(["a", "b"].map((id) => proposalOf(context, proposal({ id })).actions.length)).toEqual([
    1, 1,
  ]);
});
