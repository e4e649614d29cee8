import { expect, test } from "vitest";
import { effectBase, effectPlan } from "#runner/core/effect.ts";
import { plan } from "#runner/core/plan.ts";
import { planPrune, type PrunePlan } from "#runner/core/prune.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import {
  live,
  mailer,
  NOW,
  observed,
  openRun,
  pipeline,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { attempt, receipts } from "../support/core-records.ts";

const NONE: PrunePlan = { actions: [], holds: [], settling: new Set() };

interface Situation {
  readonly known: readonly string[];
  readonly desired: readonly string[];
  readonly changes?: Omit<Partial<Workspace>, "settings" | "projects">;
  readonly facts?: Partial<Observed>;
}

function prune({ known, desired, changes = {}, facts = {} }: Situation): PrunePlan {
  const lives = known.map((name) => live({ project: name }));
  return planPrune(
    workspace(
      desired.map((name) => project({ name })),
      changes,
    ),
    observed(lives, facts),
  );
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `p${index}`);
}

const removed = { known: ["a", "b", "c"], desired: ["a", "b"] };

test("a project whose folder is gone is forgotten", () => {
  expect(prune(removed)).toMatchObject({
    actions: [{ kind: "resource-prune", project: "c" }],
    holds: [],
  });
});

test("nothing gone, nothing done, whatever the guards say", () => {
  const facts = { descends: false, unreadable: ["fettle.yaml"] };

  expect(prune({ known: ["a"], desired: ["a", "b"], facts })).toEqual(NONE);
});

test.each<[string, Situation, string]>([
  [
    "a file cannot be read",
    { ...removed, facts: { unreadable: ["projects/c/project.yaml"] } },
    "prune-guard",
  ],
  ["main was rewritten", { ...removed, facts: { descends: false } }, "rewritten-history"],
  ["all would go", { known: ["a", "b"], desired: ["c"] }, "prune-guard"],
  ["more than a quarter of eight would go", { known: names(8), desired: names(5) }, "prune-guard"],
  [
    "an invalid project may be the new name",
    { ...removed, changes: { invalid: new Map([["d", "no summary"]]) } },
    "prune-guard",
  ],
])("nothing is removed when %s", (_, situation, reason) => {
  expect(prune(situation)).toMatchObject({ actions: [], holds: [{ reason, project: null }] });
});

test.each<[string, Situation, number]>([
  ["a quarter of eight", { known: names(8), desired: names(6) }, 2],
  ["most of seven", { known: names(7), desired: names(1) }, 6],
  ["the only one", { known: ["a"], desired: [] }, 1],
])("%s may go", (_, situation, count) => {
  expect(prune(situation).actions).toHaveLength(count);
});

test.each<[string, Situation["changes"]]>([
  ["is invalid", { invalid: new Map([["c", "no summary"]]) }],
  ["was not read because nothing changed", { resting: new Map([["c", null]]) }],
])("a project that %s is not gone", (_, changes) => {
  expect(prune({ ...removed, ...(changes === undefined ? {} : { changes }) })).toEqual(NONE);
});

test("another project that is invalid but known does not stand in the way", () => {
  expect(
    prune({ ...removed, changes: { invalid: new Map([["b", "no summary"]]) } }).actions,
  ).toHaveLength(1);
});

test("a project under a new name is not gone", () => {
  const renamed = project({ name: "d", manifest: { previousNames: ["c"] } });
  const lives = ["a", "c"].map((name) => live({ project: name }));

  expect(planPrune(workspace([project({ name: "a" }), renamed]), observed(lives))).toEqual(NONE);
});

test("open runs of a removed project are cancelled first, and nothing else is planned for them", () => {
  const run = openRun(pipeline([step("work")]), { record: { id: "chase.x", project: "c" } });
  const lives = removed.known.map((name) => live({ project: name }));
  const facts = observed(lives, { runs: new Map([["chase.x", run]]) });
  const desired = workspace(removed.desired.map((name) => project({ name })));

  expect(plan(desired, facts, NOW).actions).toMatchObject([
    { kind: "run-cancel", run: "chase.x", result: "cancelled" },
  ]);
  expect(plan(desired, observed(lives), NOW).actions).toMatchObject([
    { kind: "resource-prune", project: "c" },
  ]);
});

test("runs of a project that a guard keeps go on", () => {
  const run = openRun(pipeline([step("work")]), { record: { id: "chase.x", project: "c" } });
  const lives = removed.known.map((name) => live({ project: name }));
  const facts = observed(lives, { runs: new Map([["chase.x", run]]), descends: false });

  expect(
    plan(workspace(removed.desired.map((name) => project({ name }))), facts, NOW).actions,
  ).toMatchObject([{ kind: "step-start", run: "chase.x" }]);
});

test("a run that acted says that nothing is undone without its project, and how it is", () => {
  const effect = { key: "k", base: "b", ordinal: 1, onceKey: "pay/1" };
  const run = openRun(pipeline([step("pay")]), {
    record: { id: "chase.bbbbbbbbbbbb", project: "c" },
    attempts: [attempt("pay", { effect })],
  });

  const { actions } = prune({ ...removed, facts: { runs: new Map([[run.record.id, run]]) } });

  expect(actions).toMatchObject([
    {
      kind: "run-cancel",
      reason:
        "its project is gone from main; not undone: pay/1 (once the project is back, fettle undo chase.bbbbbbbbbbbb)",
    },
  ]);
});

const LETTER = effectPlan(effectBase("c", "mailer", "letter"), "letter", 1);

test("a removed project whose run has begun an effect first lets it become known", () => {
  const send = attempt("send", {
    agent: "mailer",
    state: "intended",
    outcome: null,
    outputs: null,
    finishedAt: null,
    effect: LETTER,
  });
  const once = step("send", {
    agent: "mailer",
    once: { key: "letter" },
    compensate: { none: "it is sent" },
  });
  const run = openRun(pipeline([once]), {
    record: { id: "chase.x", project: "c" },
    agents: [mailer()],
    attempts: [send],
  });
  const lives = ["a", "b"].map((name) => live({ project: name }));
  const facts = observed([...lives, live({ project: "c", openRuns: ["chase.x"] })], {
    runs: new Map([["chase.x", run]]),
    receipts: new Map([
      [LETTER.base, receipts(LETTER.base, [{ run: "chase.x", state: "intended" }])],
    ]),
  });

  expect(
    plan(workspace(["a", "b"].map((name) => project({ name }))), facts, NOW).actions,
  ).toMatchObject([{ kind: "step-adopt", run: "chase.x", outcome: "uncertain" }]);
});

test("a removed project keeps its state while an effect is in doubt", () => {
  const { base, ordinal, onceKey } = LETTER;
  const unit = { run: "chase.x", step: "send", item: null };
  const doubt = { base, ordinal, onceKey, agent: "mailer", ...unit, since: NOW, reason: "killed" };
  const lives = [live({ project: "a" }), live({ project: "c", uncertain: [doubt] })];

  expect(planPrune(workspace([project({ name: "a" })]), observed(lives))).toMatchObject({
    actions: [],
    holds: [
      {
        project: "c",
        reason: "uncertain-effect",
        why: "its folder is gone from main, and nobody knows whether letter happened",
        unblock: "fettle answer letter happened|did-not",
      },
    ],
  });
});
