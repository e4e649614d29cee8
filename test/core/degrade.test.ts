import { expect, test } from "vitest";
import type { StepStart } from "#runner/core/action.ts";
import { planRun } from "#runner/core/run-plan.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { Agent, AgentStep, AttemptRecord, Budget, Sample } from "#runner/schema/types.gen.ts";
import {
  agent,
  openRun,
  pipeline,
  project,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

const LADDER: Partial<Agent> = {
  runtime: {
    model: "big",
    prompt: "p.md",
    fallback: [{ model: "own", prompt: "p.md" }, { template: { text: "t.hbs" } }],
  },
  limits: { usd: 0.1, wall: "1m" },
  slo: { latencyP95: "5s", success: 0.9 },
};

interface Case {
  readonly degrade: AgentStep["degrade"];
  readonly budget?: readonly Budget[];
  /** Micro-dollars that are gone, and milliseconds. */
  readonly gone?: number;
  readonly samples?: readonly Sample[];
  readonly attempts?: readonly AttemptRecord[];
}

function planned({ degrade, budget = [], gone = 0, samples = [], attempts = [] }: Case): {
  readonly start: StepStart | undefined;
  readonly holds: ReturnType<typeof planRun>["holds"];
} {
  const writer = agent("writer", LADDER);
  const of = pipeline([step("write", { agent: "writer", ...(degrade && { degrade }) })]);
  const run = openRun(of, { agents: [writer], attempts });
  const base = runContext(run);
  const { project: name, pipeline: pipelineName } = run.record;
  const version = project({ name, pipelines: { [pipelineName]: of }, agents: [writer] });
  const models = {
    own: {
      provider: "openai-compatible",
      baseUrl: "http://127.0.0.1:9/v1",
      model: "s",
      price: "zero",
    },
  } as const;
  const amount = { micros: gone, tokens: 0, requests: 0, ms: gone };
  const totals = { [`${name}/${pipelineName}/writer`]: amount };
  const money = { grants: [], days: {}, totals, runs: {}, models: {}, accepted: {} };
  const { summaries } = base.observed;
  const stats = new Map([["writer", { agent: "writer", versions: { "1.0.0": [...samples] } }]]);
  const context: RunContext = {
    ...base,
    workspace: workspace([version], { settings: { budget: [...budget], models } }),
    observed: {
      ...base.observed,
      summaries: { ...summaries, stats, workspace: { ...summaries.workspace, money } },
    },
  };
  const { actions, holds } = planRun(context);
  const start = actions.find((action): action is StepStart => action.kind === "step-start");
  return { start, holds };
}

const TOTAL: readonly Budget[] = [{ per: "total", usd: 1 }];

test("without a rule, and where none holds, a step begins at the top", () => {
  expect(planned({ degrade: undefined }).start).not.toHaveProperty("ladder");
  expect(
    planned({
      degrade: [{ when: "budget.used > 0.7", use: "fallback[0]" }],
      budget: TOTAL,
      gone: 700_000,
    }).start,
  ).not.toHaveProperty("ladder");
});

test("the first rule that holds says where it begins, and a free rung is granted no money", () => {
  const degrade: AgentStep["degrade"] = [
    { when: "budget.used > 0.9", use: "park" },
    { when: "budget.used > 0.7", use: "fallback[0]" },
    { when: "budget.used > 0.1", use: "fallback[1]" },
  ];
  const { start } = planned({ degrade, budget: TOTAL, gone: 800_000 });

  expect(start).toMatchObject({
    ladder: { from: 1, rung: "model own" },
    grant: { micros: 0 },
    forecast: { micros: 0, mostMicros: 0 },
  });
  expect(start?.because).toBe(
    "everything it needs is there; it begins on model own: budget.used > 0.7 (80 % of the tightest cap is used)",
  );
});

test("time that should be spared keeps nobody from sparing money", () => {
  const money: Budget = { per: "total", usd: 1, softAt: 0.5 };
  const time: Budget = { per: "total", wall: "20m", softAt: 0.25 };

  const { start } = planned({ degrade: undefined, budget: [time, money], gone: 600_000 });

  expect(start).toMatchObject({ ladder: { from: 1 }, grant: { micros: 0 } });
});

test("a rung that asks no model needs no grant", () => {
  const { start } = planned({ degrade: [{ when: "true", use: "fallback[1]" }], budget: TOTAL });

  expect(start).toMatchObject({ ladder: { from: 2, rung: "template" } });
  expect(start).not.toHaveProperty("grant");
});

test("a step that is parked waits, and says for what", () => {
  const degrade: AgentStep["degrade"] = [{ when: "budget.used >= 0.5", use: "park" }];
  const { start, holds } = planned({ degrade, budget: [{ per: "total", usd: 1 }], gone: 500_000 });

  expect(start).toBeUndefined();
  expect(holds).toMatchObject([
    {
      reason: "parked",
      why: "it waits, for budget.used >= 0.5 (50 % of the tightest cap is used)",
      unblock: "change degrade of step write, or what it looks at",
    },
  ]);
});

test("a service level that is missed leads down; one of which too little is known does not", () => {
  const slow = Array.from({ length: 10 }, () => ({ micros: 1, ms: 6_000, ok: true }));
  const degrade: AgentStep["degrade"] = [{ when: "slo.missed", use: "fallback[0]" }];

  expect(planned({ degrade, samples: slow }).start).toMatchObject({ ladder: { from: 1 } });
  expect(planned({ degrade, samples: slow.slice(1) }).start).not.toHaveProperty("ladder");
});

test("what became of the last attempt leads down", () => {
  const degrade: AgentStep["degrade"] = [{ when: "outcome == 'timeout'", use: "fallback[1]" }];
  const before = attempt("write", {
    agent: "writer",
    outcome: "timeout",
    outputs: null,
    retryAt: "2026-11-22T09:59:00.000Z",
  });

  expect(planned({ degrade }).start).not.toHaveProperty("ladder");
  expect(planned({ degrade, attempts: [before] }).start).toMatchObject({
    attempt: 2,
    ladder: { from: 2, why: expect.stringContaining("the last attempt ended timeout") },
  });
});

test("a condition that has no answer holds the step", () => {
  const degrade: AgentStep["degrade"] = [{ when: "budget.gone > 1", use: "park" }];

  expect(planned({ degrade }).holds).toMatchObject([{ reason: "expression" }]);
});

test("a plan says which rung is begun on when the ones above cannot be paid", () => {
  const { start } = planned({ degrade: undefined, budget: TOTAL, gone: 950_000 });

  expect(start).toMatchObject({
    ladder: { from: 1, why: "the workspace has used 0.95 USD of 1 USD in total" },
    grant: { micros: 0 },
  });
});
