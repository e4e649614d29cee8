import { expect, test } from "vitest";
import { calledOff } from "#runner/core/cancel.ts";
import type { Observed } from "#runner/core/model.ts";
import { plan } from "#runner/core/plan.ts";
import type { CancelRequest, RunRecord } from "#runner/schema/types.gen.ts";
import {
  live,
  NOW,
  observed,
  openRun,
  pipeline,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA } from "../support/core-records.ts";

const HANDLE = pipeline([step("work")]);
const PARENT = "inbox.aaaaaaaaaaaa";
const CHILD = "handle.bbbbbbbbbbbb";
const GRANDCHILD = "handle.cccccccccccc";

function child(id: string, parent: string): Pick<RunRecord, "id" | "pipeline" | "trigger"> {
  const trigger = { kind: "pipeline" as const, run: parent, step: "each", item: "a" };
  return { id, pipeline: "handle", trigger };
}

/** A run, one that it waits for, and one that this one waits for; `open` are those that have not ended. */
function family(open: readonly string[], facts: Partial<Observed> = {}): Observed {
  const records = [
    { id: PARENT, pipeline: "inbox" },
    child(CHILD, PARENT),
    child(GRANDCHILD, CHILD),
  ].filter(({ id }) => open.includes(id));
  const runs = records.map((record) => openRun(HANDLE, { record }));
  return observed([live({ openRuns: [...open] })], {
    runs: new Map(runs.map((run) => [run.record.id, run])),
    ...facts,
  });
}

function ends(facts: Observed): readonly string[] {
  const version = project({ pipelines: { inbox: HANDLE, handle: HANDLE } });
  return plan(workspace([version]), facts, NOW).actions.flatMap((action) =>
    action.kind === "run-cancel" ? [`${action.run} ${action.reason}`] : [],
  );
}

test("runs whose parent is open go on", () => {
  const facts = family([PARENT, CHILD, GRANDCHILD]);

  expect(ends(facts)).toEqual([]);
  expect(calledOff(facts)).toEqual(new Set());
});

test("a run whose parent is over is cancelled, and those that it waits for go along", () => {
  const facts = family([CHILD, GRANDCHILD]);

  expect(ends(facts)).toEqual([
    `${CHILD} ${PARENT}, which it is part of, is over`,
    `${GRANDCHILD} ${CHILD}, which it is part of, is cancelled`,
  ]);
  expect(calledOff(facts)).toEqual(new Set([CHILD, GRANDCHILD]));
});

test("when a run is called off, all that it waits for is", () => {
  const request: CancelRequest = {
    id: "cancel-1",
    kind: "cancel",
    project: "shop",
    run: PARENT,
    by: ADA,
    reason: "",
    keep: false,
    at: NOW,
  };
  const facts = family([PARENT, CHILD, GRANDCHILD], { requests: [request] });

  expect(calledOff(facts)).toEqual(new Set([PARENT, CHILD, GRANDCHILD]));
  expect(ends(facts)).toEqual([
    `${CHILD} ${PARENT}, which it is part of, is cancelled`,
    `${GRANDCHILD} ${CHILD}, which it is part of, is cancelled`,
    `${PARENT} ${ADA} cancelled it`,
  ]);
});

test("a run whose parent cannot be read in this clone goes on", () => {
  const all = family([PARENT, CHILD, GRANDCHILD]);
  const runs = new Map([...all.runs].filter(([id]) => id !== PARENT));

  expect(ends({ ...all, runs })).toEqual([]);
});
