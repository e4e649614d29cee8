import { expect, test } from "vitest";
import { planRun } from "#runner/core/run-plan.ts";
import type { AgentStep, AttemptRecord, Outcome } from "#runner/schema/types.gen.ts";
import {
  agent,
  openRun,
  pipeline,
  runContext,
  step,
  workspace,
  project,
} from "../support/core-builders.ts";
import { attempt, cite } from "../support/core-records.ts";
import { Company } from "../support/planned-company.ts";

const POLISH = step("polish", { repeat: { until: "outputs.score >= 8", max: 3 } });

/** The attempts of a step whose iterations gave these scores. */
function scored(...scores: readonly unknown[]): AttemptRecord[] {
  return scores.map((score, index) => iteration(index + 1, { outputs: { score } }));
}

function iteration(number: number, changes: Parameters<typeof attempt>[1] = {}): AttemptRecord {
  return attempt("polish", { attempt: number, iteration: number, ...changes });
}

interface Situation {
  readonly changes?: Partial<AgentStep>;
  readonly attempts?: readonly AttemptRecord[];
  /** Outputs that the attempts cite; all of them are here when left out. */
  readonly values?: readonly unknown[];
}

function planOf({ changes = {}, attempts = [], values }: Situation): ReturnType<typeof planRun> {
  const of = pipeline([{ ...POLISH, ...changes }, step("after", { needs: ["polish"] })]);
  const scores = [1, 2, 3, 8, null, "good"].map((score) => ({ score }));
  return planRun(runContext(openRun(of, { attempts, values: [...(values ?? scores), {}] })));
}

test("the first iteration begins like any step", () => {
  expect(planOf({}).actions).toMatchObject([
    { kind: "step-start", step: "polish", attempt: 1, iteration: 1 },
  ]);
});

test("while the condition is false, another iteration begins, and what needs the step waits", () => {
  expect(planOf({ attempts: scored(1) }).actions).toMatchObject([
    {
      kind: "step-start",
      attempt: 2,
      iteration: 2,
      because: "after iteration 1 of at most 3 it is not yet: outputs.score >= 8",
    },
  ]);
});

test("when the condition holds the step is over", () => {
  expect(planOf({ attempts: scored(1, 8) }).actions).toMatchObject([
    { kind: "step-start", step: "after" },
  ]);
});

test("after the last iteration it is recorded that there is no progress, and the run fails", () => {
  const attempts = scored(1, 2, 3);
  const stuck = attempt("polish", {
    attempt: 4,
    iteration: 3,
    outcome: "no-progress",
    reason: "not after 3 iterations: outputs.score >= 8",
    outputs: null,
  });

  expect(planOf({ attempts }).actions).toMatchObject([
    {
      kind: "step-adopt",
      attempt: 4,
      iteration: 3,
      outcome: "no-progress",
      reason: "not after 3 iterations: outputs.score >= 8",
      effect: null,
    },
  ]);
  expect(planOf({ attempts: [...attempts, stuck] }).actions).toMatchObject([
    {
      kind: "run-finish",
      result: "failed",
      reason: "polish: no-progress: not after 3 iterations: outputs.score >= 8",
    },
  ]);
});

test.each([
  ["null", null],
  ["of another kind", "good"],
])("a condition whose operand is %s holds: it is neither again nor over", (_, score) => {
  expect(planOf({ attempts: scored(score) })).toMatchObject({
    actions: [],
    holds: [{ reason: "expression" }],
  });
});

test("outputs that are not here hold the step, too", () => {
  expect(planOf({ attempts: scored(1), values: [] })).toMatchObject({
    actions: [],
    holds: [{ reason: "payload-missing" }],
  });
});

test("the inputs see the iteration and what the one before gave; of the first there is nothing", () => {
  const changes = {
    with: {
      turn: "${{ iteration.number }}",
      before: "${{ has(iteration.outputs) ? iteration.outputs.score : 0 }}",
    },
  };

  expect(planOf({ changes }).actions).toMatchObject([{ inputs: { turn: 1, before: 0 } }]);
  expect(planOf({ changes, attempts: scored(1, 2) }).actions).toMatchObject([
    { inputs: { turn: 3, before: 2 } },
  ]);
});

test("the condition may compare with the iteration before", () => {
  const until = "has(iteration.outputs) && outputs.score == iteration.outputs.score";
  const changes = { repeat: { until, max: 9 } };

  expect(planOf({ changes, attempts: scored(1, 2) }).actions).toMatchObject([{ iteration: 3 }]);
  expect(planOf({ changes, attempts: scored(1, 2, 2) }).actions).toMatchObject([{ step: "after" }]);
});

const AGAIN = { finishedAt: "2026-11-22T09:02:00.000Z", retryAt: "2026-11-22T09:03:00.000Z" };

test("a failure that may pass is tried again within its iteration", () => {
  const crash = iteration(2, { outcome: "crashed", outputs: null, ...AGAIN });
  const changes = { with: { before: "${{ iteration.outputs.score }}" } };

  const plan = planOf({ changes, attempts: [...scored(1), crash] });

  expect(plan.actions).toMatchObject([{ attempt: 3, iteration: 2, inputs: { before: 1 } }]);
});

test("a failure that does not pass ends the step", () => {
  const failed = iteration(2, { outcome: "auth", reason: "no key", outputs: null });

  expect(planOf({ attempts: [...scored(1), failed] }).actions).toMatchObject([
    { kind: "run-finish", result: "failed", reason: "polish: auth: no key" },
  ]);
});

test("an intent without outcome is resumed in its own iteration", () => {
  const intended = iteration(2, { state: "intended", outcome: null, outputs: null });

  expect(planOf({ attempts: [...scored(1), intended] }).actions).toMatchObject([
    { attempt: 2, iteration: 2 },
  ]);
});

test("iterations do not use up the further attempts of a run; retries within one do", () => {
  const crash = iteration(3, { outcome: "crashed", outputs: null, ...AGAIN });
  const steps = [{ ...POLISH, repeat: { until: "outputs.score >= 8", max: 9 } }];
  const values = [{ score: 1 }, { score: 2 }];
  const next = (maxRetries: number, attempts: readonly AttemptRecord[]): readonly object[] =>
    planRun(runContext(openRun(pipeline(steps, { maxRetries }), { attempts, values }))).actions;

  expect(next(0, scored(1, 2))).toMatchObject([{ iteration: 3 }]);
  expect(next(1, [...scored(1, 2), crash])).toMatchObject([{ attempt: 4, iteration: 3 }]);
  expect(next(0, [...scored(1, 2), crash])).toMatchObject([
    { kind: "run-finish", result: "failed", reason: expect.stringContaining("maxRetries") },
  ]);
});

const EARLIER = {
  run: "chase.bbbbbbbbbbbb",
  from: null,
  spec: null,
  children: [],
  params: {},
  hasSameBase: true,
  decisions: [],
  waits: [],
};

test.each<[string, Outcome, string]>([
  ["taken over when it came to what it should be", "succeeded", "step-adopt"],
  ["done anew when it did not", "no-progress", "step-start"],
])("in a further try of a run, a repeated step is %s", (_, outcome, kind) => {
  const polisher = agent("polish");
  const done = { agentTree: polisher.tree, inputs: cite({}) };
  const attempts = [
    iteration(1, { ...done, outputs: { score: 8 } }),
    iteration(2, { ...done, outcome, outputs: outcome === "succeeded" ? { score: 8 } : null }),
  ];
  const run = openRun(pipeline([POLISH]), { agents: [polisher] });

  const plan = planRun(runContext({ ...run, earlier: { ...EARLIER, attempts } }));

  expect(plan.actions).toMatchObject([{ kind, iteration: 1 }]);
});

/** A company whose agent crashes when `crashes` says so, and gives the next score otherwise. */
function polishing(crashes: readonly number[]): Company {
  const triggers = { schedule: { cron: "0 8 * * *" } };
  const of = pipeline([POLISH], { triggers });
  const version = project({ pipelines: { chase: of }, agents: [agent("polish")] });
  const scores = [1, 2, 8];
  let calls = 0;
  const polish = (): object => {
    calls += 1;
    if (crashes.includes(calls)) return { outcome: "crashed" };
    return { outputs: { score: scores.shift() } };
  };
  const company = new Company(workspace([version]), { polish });
  company.settle();
  company.wait(86_400_000);
  return company;
}

test("attempts are counted anew in each iteration", () => {
  const company = polishing([1, 3]);

  for (let day = 0; day < 3; day += 1) {
    company.settle();
    company.wait(3_600_000);
  }

  expect(company.executed.map(({ attempt: number, iteration: turn }) => [number, turn])).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
  ]);
  expect(company.events.at(-1)).toMatchObject({ kind: "run-finished", result: "succeeded" });
});

test("an iteration that fails as often as it may ends the step", () => {
  const company = polishing([2, 3]);

  for (let day = 0; day < 3; day += 1) {
    company.settle();
    company.wait(3_600_000);
  }

  expect(company.executed).toHaveLength(3);
  expect(company.events.at(-1)).toMatchObject({ kind: "run-finished", result: "failed" });
});
