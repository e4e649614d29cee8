import { expect, test } from "vitest";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { plan } from "#runner/core/plan.ts";
import { planProject } from "#runner/core/project-plan.ts";
import type { LiveProject } from "#runner/schema/types.gen.ts";
import {
  agent,
  EMPTY,
  goal,
  live,
  NOW,
  observed,
  openRun,
  pipeline,
  pipelineState,
  project,
  projectContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, BLOB, MAIN, pending } from "../support/core-records.ts";

function planOf(
  lives: readonly LiveProject[],
  desired: Workspace,
  facts: Partial<Observed> = {},
): ReturnType<typeof plan> {
  return plan(desired, observed(lives, facts), NOW);
}

test("a new project is applied before anything of it starts", () => {
  const version = project({
    manifest: { goals: { paid: goal() } },
    pipelines: { chase: pipeline([], { triggers: { changes: ["*"] } }) },
  });
  const watched = new Map([
    ["shop/chase", { digest: "sha256:seen", blobs: new Map<string, string>() }],
  ]);

  expect(plan(workspace([version]), { ...EMPTY, watched }, NOW).actions).toEqual([
    {
      kind: "project-apply",
      project: "shop",
      because: "it is new",
      commit: MAIN,
      digest: "d1",
      pipelines: [{ name: "chase", previousNames: [], watched: "sha256:seen" }],
      goals: ["paid"],
      renamedFrom: null,
    },
  ]);
});

test("a project whose version is in force is not applied again", () => {
  expect(planOf([live()], workspace([project()])).actions).toEqual([]);
  expect(planOf([live()], workspace([project({ digest: "d2" })])).actions).toMatchObject([
    { kind: "project-apply", because: "its files changed" },
  ]);
});

test("what was asked for is shown beside the new version that comes into force first", () => {
  const version = project({ digest: "d2", pipelines: { chase: pipeline([]) } });
  const named = { project: "shop", pipeline: "chase", by: ADA, at: NOW, params: {} };
  const before = { run: "chase.1", endedAt: NOW };
  const requests = [
    { ...named, id: "r1", kind: "run" as const },
    { ...named, ...before, id: "r2", kind: "retry" as const, from: null, upgrade: false },
    { ...named, ...before, id: "r3", kind: "undo" as const, reason: "" },
  ];

  const { actions, holds } = planOf([live()], workspace([version]), { requests });

  expect(actions).toMatchObject([{ kind: "project-apply" }]);
  expect(holds.map(({ subject, why }) => [subject, why])).toEqual(
    ["asked for it", "asked for another try of chase.1", "wants chase.1 undone"].map((asked) => [
      "pipeline:chase",
      `${ADA} ${asked}: it starts once the new version of shop is in force`,
    ]),
  );
});

test("a version that became invalid is noted once, and the last good one stays in force", () => {
  const desired = workspace([project()], { invalid: new Map([["shop", "no summary"]]) });
  const stalled = { commit: MAIN, reason: "no summary", since: NOW };

  expect(planOf([live()], desired)).toMatchObject({
    actions: [{ kind: "project-stall", reason: "no summary" }],
    holds: [{ reason: "invalid", why: "no summary (the last good version is in force)" }],
  });
  expect(planOf([live({ stalled })], desired).actions).toEqual([]);
  expect(
    planOf([live({ stalled: { ...stalled, reason: "other" } })], desired).actions,
  ).toHaveLength(1);
});

test("a project that is back at the version in force is stalled no longer", () => {
  const stalled = { commit: MAIN, reason: "no summary", since: NOW };

  expect(planOf([live({ stalled })], workspace([project()])).actions).toMatchObject([
    { kind: "project-apply" },
  ]);
});

const renamed = project({ name: "store", manifest: { previousNames: ["shop"] } });

test("a renamed project takes over the state of the old name", () => {
  expect(planOf([live()], workspace([renamed])).actions).toMatchObject([
    { kind: "project-apply", project: "store", renamedFrom: "shop" },
  ]);
});

test("a renamed project that was invalid at first takes it over all the same", () => {
  const { applied: _, ...stalled } = live({
    project: "store",
    stalled: { commit: MAIN, reason: "x", since: NOW },
  });

  expect(planOf([live(), stalled], workspace([renamed])).actions).toMatchObject([
    { renamedFrom: "shop" },
  ]);
});

test("a project that has state of its own takes over nothing", () => {
  const own = live({ project: "store", applied: { commit: MAIN, tree: "old", at: NOW } });

  expect(planOf([live(), own], workspace([renamed])).actions).toMatchObject([
    { project: "store", renamedFrom: null },
  ]);
});

test("a rename waits for the open runs of the old name", () => {
  const run = openRun(pipeline([step("work")]));
  const result = planOf([live()], workspace([renamed]), { runs: new Map([[run.record.id, run]]) });

  expect(result.actions.map(({ kind }) => kind)).toEqual(["step-start"]);
  expect(result.holds).toMatchObject([
    {
      project: "store",
      reason: "dependency-not-ready",
      why: `its new version, with a new name, comes into force when ${run.record.id} has ended`,
      unblock: `fettle cancel ${run.record.id}`,
    },
  ]);
});

test("a pipeline's rename waits for its open runs, so that what they hand on is not lost", () => {
  const version = project({
    digest: "d2",
    pipelines: { remind: pipeline([], { previousNames: ["chase"] }) },
  });
  const run = openRun(pipeline([step("work")]));
  const runs = new Map([[run.record.id, run]]);
  const before = live({ pipelines: { chase: pipelineState() } });

  expect(planOf([before], workspace([version]), { runs }).holds).toMatchObject([
    { reason: "dependency-not-ready" },
  ]);
  expect(planOf([before], workspace([version])).actions).toMatchObject([
    { kind: "project-apply", pipelines: [{ name: "remind", previousNames: ["chase"] }] },
  ]);
  const after = live({ pipelines: { remind: pipelineState() } });
  expect(planOf([after], workspace([version]), { runs }).actions).toContainEqual(
    expect.objectContaining({ kind: "project-apply" }),
  );
});

test.each<[string, Workspace]>([
  ["the project", workspace([project({ manifest: { suspend: true, goals: { paid: goal() } } })])],
  [
    "the workspace",
    workspace([project({ manifest: { goals: { paid: goal() } } })], {
      settings: { suspend: true },
    }),
  ],
])("while %s is suspended nothing is measured, started, continued or delivered", (_, desired) => {
  const run = openRun(pipeline([step("work")]));
  const own = live({ pending: [pending("a.md")] });
  const facts = { runs: new Map([[run.record.id, run]]), mainBlobs: new Map([["a.md", null]]) };

  expect(planOf([own], desired, facts)).toMatchObject({
    actions: [],
    holds: [{ reason: "suspended" }],
  });
});

test("a run starts from main's commit with what waits to be delivered laid over it", () => {
  const version = project({ manifest: { goals: { paid: goal() } }, agents: [agent("counter")] });
  const own = live({ pending: [pending("a.md")] });
  const context = projectContext(version, { live: own, mainBlobs: new Map([["a.md", null]]) });
  const [measure] = planProject(context).actions;

  expect(measure).toMatchObject({
    kind: "goal-measure",
    run: {
      pipeline: "goal.paid",
      slot: "check:2026-11-22T00:00:00.000Z",
      base: { commit: MAIN, overlay: [{ path: "a.md", blob: BLOB, was: null }] },
      trigger: { kind: "check", goal: "paid" },
    },
  });
});

test("a start is forecast from what its agents took before", () => {
  const version = project({ manifest: { goals: { paid: goal() } }, agents: [agent("counter")] });
  const samples = Array.from({ length: 5 }, () => ({ micros: 7, ms: 5, ok: true }));
  const stats = new Map([["counter", { agent: "counter", versions: { "1.0.0": samples } }]]);
  const facts = observed([live()]);
  const summaries = { ...facts.summaries, stats };

  expect(plan(workspace([version]), { ...facts, summaries }, NOW).forecast).toMatchObject({
    micros: 7,
    ms: 5,
    attempts: 1,
  });
  expect(NO_SUMMARIES.stats.size).toBe(0);
});
