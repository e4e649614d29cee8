import { expect, test } from "vitest";
import type { Action, Hold } from "#runner/core/action.ts";
import { askedBefore, askedRun } from "#runner/core/asked-run.ts";
import type { RunRequest } from "#runner/schema/types.gen.ts";

const request: RunRequest = {
  kind: "run",
  id: "run-1",
  by: "ada@northwind.example",
  at: "2026-11-22T10:00:00.000Z",
  project: "shop",
  pipeline: "note",
  params: { days: 7 },
};
const settled: Action = {
  kind: "request-settle",
  project: "shop",
  because: "a run is open, and concurrency.policy is skip",
  request: "run-1",
  reason: "",
};
const applied: Action = {
  kind: "project-apply",
  project: "shop",
  because: "it is new",
  commit: "",
  digest: "",
  pipelines: [],
  goals: [],
  renamedFrom: null,
};

function hold(changes: Partial<Hold>): Hold {
  const still = { why: "stopped by ada", unblock: "fettle start", until: null } as const;
  return { project: "shop", subject: "project", reason: "stopped", ...still, ...changes };
}

test.each<readonly [string, readonly Action[], readonly Hold[], object]>([
  ["nothing is in its way", [], [], { kind: "runs" }],
  ["its project is stopped", [], [hold({})], { kind: "held", hold: hold({}) }],
  [
    "it is queued itself",
    [],
    [hold({ subject: "pipeline:note", reason: "concurrency" })],
    { kind: "held" },
  ],
  ["its newest version is invalid", [], [hold({ reason: "invalid" })], { kind: "runs" }],
  ["another pipeline is held", [], [hold({ subject: "pipeline:nap" })], { kind: "runs" }],
  ["another project is held", [], [hold({ project: "brief" })], { kind: "runs" }],
  ["it is dropped", [settled], [], { kind: "dropped", reason: settled.because }],
  [
    "its version comes into force first",
    [applied],
    [hold({ subject: "pipeline:note" })],
    { kind: "runs" },
  ],
])("where %s, it is said of a run that was asked for", (_, actions, holds, fate) => {
  expect(askedRun({ actions, holds }, request, [])).toMatchObject(fate);
});

const cancelled: Action = {
  kind: "run-cancel",
  project: "shop",
  because: "replaced by note.bbbbbbbbbbbb",
  run: "note.aaaaaaaaaaaa",
  result: "cancelled",
  reason: "replaced by note.bbbbbbbbbbbb",
  outputs: {},
  serves: [],
  goal: null,
};

test.each([
  ["the only open run is called off", [cancelled], ["note.aaaaaaaaaaaa"], "runs"],
  ["another open run goes on", [cancelled], ["note.aaaaaaaaaaaa", "note.cccccccccccc"], "held"],
  ["the open run comes to its end", [], ["note.aaaaaaaaaaaa"], "held"],
])("where %s, it is said of the run that replaces it", (_, actions, open, kind) => {
  const queued = hold({ subject: "pipeline:note", reason: "concurrency" });

  const fate = askedRun({ actions, holds: [queued] }, request, open);

  expect(fate).toEqual(kind === "runs" ? { kind, replaced: open } : { kind, hold: queued });
});

test.each([
  ["the same", {}, true],
  ["other parameters", { params: { days: 8 } }, false],
  ["another pipeline", { pipeline: "nap" }, false],
  ["another project", { project: "brief" }, false],
])("a request for %s was made before: %o %s", (_, changes, isSame) => {
  const found = askedBefore([request], { ...request, ...changes });

  expect(found?.id).toBe(isSame ? "run-1" : undefined);
});
