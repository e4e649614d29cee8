import { expect, test } from "vitest";
import { plan, planDigest } from "#runner/core/plan.ts";
import type { RequestRecord, UndoRequest } from "#runner/schema/types.gen.ts";
import {
  EMPTY,
  goal,
  live,
  NOW,
  observed,
  openRun,
  pipeline,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, attempt, openGate } from "../support/core-records.ts";

test("an empty company has nothing to do and nothing to wait for", () => {
  expect(plan(workspace([]), EMPTY, NOW)).toMatchObject({
    actions: [],
    holds: [],
    wants: [],
    nextWake: null,
  });
});

test("planning changes nothing that it was given", () => {
  const run = openRun(pipeline([step("work")]));
  const facts = observed([live()], { runs: new Map([[run.record.id, run]]) });
  const desired = workspace([project({ manifest: { goals: { paid: goal() } } })]);
  const before = structuredClone({ facts, desired });

  const digests = [plan(desired, facts, NOW), plan(desired, facts, NOW)].map(planDigest);

  expect({ facts, desired }).toEqual(before);
  expect(digests[0]).toBe(digests[1]);
});

test("projects come in the order of their names, runs in that of their starts", () => {
  const names = ["c", "a", "b"];
  const runs = new Map(
    names.map((name, index) => {
      const startedAt = `2026-11-22T0${index}:00:00.000Z`;
      const run = openRun(pipeline([step("work")]), {
        record: { id: `${name}.x`, project: name, startedAt },
      });
      return [run.record.id, run];
    }),
  );
  const facts = observed(
    names.map((name) => live({ project: name })),
    { runs: new Map([...runs].toReversed()) },
  );
  const desired = workspace(names.map((name) => project({ name, digest: "d2" })));

  expect(
    plan(desired, facts, NOW).actions.map(({ kind, project: name }) => `${kind} ${name}`),
  ).toEqual([
    "step-start c",
    "step-start a",
    "step-start b",
    "project-apply a",
    "project-apply b",
    "project-apply c",
  ]);
});

test("runs that started at the same instant have an order too", () => {
  const runs = ["b.x", "a.x"].map((id) => openRun(pipeline([step("work")]), { record: { id } }));
  const digests = [runs, runs.toReversed()].map((list) => {
    const facts = observed([live()], { runs: new Map(list.map((run) => [run.record.id, run])) });
    return planDigest(plan(workspace([project()]), facts, NOW));
  });

  expect(digests[0]).toBe(digests[1]);
});

test("the next wake is the earliest instant that is still to come, of projects at rest too", () => {
  const soon = attempt("work", {
    outcome: "crashed",
    outputs: null,
    retryAt: "2026-11-22T10:00:30.000Z",
  });
  const run = openRun(pipeline([step("work")]), { attempts: [soon] });
  const facts = observed([live()], { runs: new Map([[run.record.id, run]]) });
  const desired = workspace([project({ manifest: { goals: { paid: goal() } } })]);

  expect(plan(desired, facts, NOW).nextWake).toBe("2026-11-22T10:00:30.000Z");
  expect(plan(desired, facts, "2026-11-22T10:00:30.000Z").nextWake).toBe(
    "2026-11-23T00:00:00.000Z",
  );
  const resting = new Map([["other", "2026-11-22T10:00:01.000Z"]]);
  expect(plan({ ...desired, resting }, facts, NOW).nextWake).toBe("2026-11-22T10:00:01.000Z");
});

test("the digest of a plan says what is done and held, not when it is looked at again", () => {
  const one = plan(workspace([]), EMPTY, NOW);

  expect(planDigest({ ...one, nextWake: NOW, tip: "x" })).toBe(planDigest(one));
  expect(planDigest({ ...one, commit: "x" })).not.toBe(planDigest(one));
});

function request(changes: {
  readonly project?: string;
  readonly pipeline?: string;
}): RequestRecord {
  return {
    id: "r1",
    kind: "run",
    project: "shop",
    pipeline: "chase",
    params: {},
    by: ADA,
    at: NOW,
    ...changes,
  };
}

const EVE = "eve@elsewhere.example";

function undo(which: Pick<UndoRequest, "run" | "endedAt">): UndoRequest {
  const what = { kind: "undo", project: "shop", pipeline: "chase", ...which } as const;
  return { id: "r1", ...what, by: EVE, reason: "", at: NOW };
}

const shop = workspace([project({ pipelines: { chase: pipeline([]) } })]);

test.each([
  ["a pipeline that is not there", request({ pipeline: "chess" })],
  ["a project that is not there", request({ project: "shed" })],
  [
    "a gate that is not open",
    { id: "r1", kind: "reject", gate: "gone", by: ADA, reason: "", at: NOW } as const,
  ],
])("a request for %s does not stay for ever", (_, one) => {
  expect(plan(shop, observed([live()], { requests: [one] }), NOW).actions).toMatchObject([
    { kind: "request-settle", request: "r1" },
  ]);
});

test("a request for what was not read now is kept", () => {
  const away = request({ project: "away" });
  const facts = observed([live()], { requests: [away] });

  expect(plan({ ...shop, resting: new Map([["away", null]]) }, facts, NOW).actions).toEqual([]);
  expect(
    plan({ ...shop, invalid: new Map([["away", "no summary"]]) }, facts, NOW).actions,
  ).toMatchObject([{ kind: "project-stall" }]);
});

test.each<[string, RequestRecord]>([
  ["reject", { id: "r1", kind: "reject", gate: "chase-1", by: EVE, reason: "", at: NOW }],
  ["undo", undo({ run: "chase.aaaaaaaaaaaa", endedAt: null })],
  ["undo what has ended", undo({ run: "chase.bbbbbbbbbbbb", endedAt: NOW })],
])("the word of somebody who is no operator to %s does not stay for ever", (_, one) => {
  const facts = observed([live({ openRuns: ["chase.aaaaaaaaaaaa"] })], {
    requests: [one],
    gates: new Map([["chase-1", openGate()]]),
  });

  expect(plan(shop, facts, NOW).actions).toMatchObject([
    { kind: "request-settle", request: "r1", reason: `${EVE} is not an operator of fettle.yaml` },
  ]);
});

test("a request to reject an open gate is left to the gate", () => {
  const one: RequestRecord = {
    id: "r1",
    kind: "reject",
    gate: "chase-1",
    by: ADA,
    reason: "",
    at: NOW,
  };
  const facts = observed([live()], { requests: [one], gates: new Map([["chase-1", openGate()]]) });

  expect(plan(shop, facts, NOW).actions).toEqual([]);
});
