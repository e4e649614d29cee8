import { expect, test } from "vitest";
import { effectBase, effectPlan, undoBase } from "#runner/core/effect.ts";
import { unitKey } from "#runner/core/parallel.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import type { Agent, AgentStep } from "#runner/schema/types.gen.ts";
import {
  agent,
  mailer,
  openRun,
  pipeline,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { attempt, receipts } from "../support/core-records.ts";
import { BASE, mine, once, planOf, RUN, UNDO } from "../support/planned-unit.ts";

function often(max: number): Partial<AgentStep> {
  return { once: { key: "news", every: "1h", max } };
}

test("a unit that runs at this moment is left alone", () => {
  const working = new Set([unitKey({ run: RUN, step: "send", item: null })]);

  expect(planOf({ facts: { working } })).toMatchObject({ actions: [], holds: [] });
});

test("the shorter of the step's timeout and the agent's limit holds", () => {
  const by = agent("send", { limits: { usd: 0, wall: "2m" } });

  expect(planOf({ agent: by }).actions).toMatchObject([{ timeoutMs: 120_000 }]);
  expect(planOf({ agent: by, step: { timeout: "30s" } }).actions).toMatchObject([
    { timeoutMs: 30_000 },
  ]);
  expect(planOf({ agent: by, step: { timeout: "9m" } }).actions).toMatchObject([
    { timeoutMs: 120_000 },
  ]);
});

test("after a failure that may pass, the next attempt waits for its time", () => {
  const by = agent("send");
  const crashed = attempt("send", {
    outcome: "crashed",
    outputs: null,
    retryAt: "2026-11-22T10:00:30.000Z",
  });
  const early = planOf({ agent: by, attempts: [crashed] });

  expect(early).toMatchObject({
    actions: [],
    holds: [{ reason: "retry-wait" }],
    wakes: ["2026-11-22T10:00:30.000Z"],
  });
  const due = { ...crashed, retryAt: "2026-11-22T10:00:00.000Z" };
  expect(planOf({ agent: by, attempts: [due] }).actions).toMatchObject([
    { kind: "step-start", attempt: 2 },
  ]);
  const { retryAt: resumeAt = "", ...rest } = crashed;
  const limited = { ...rest, outcome: "rate-limited", reason: "HTTP 429", resumeAt } as const;
  expect(planOf({ agent: by, attempts: [limited] })).toMatchObject({
    holds: [{ reason: "rate-limited", why: "attempt 1 ended rate-limited: HTTP 429" }],
    wakes: [resumeAt],
  });
});

test("an effect whose receipts were not looked up yet is not planned, but asked for", () => {
  expect(planOf({ step: once })).toMatchObject({
    actions: [],
    wants: [{ kind: "receipt", base: BASE }],
  });
});

test("an effect that never happened is done under its own key", () => {
  expect(planOf({ step: once, receipts: [] }).actions).toMatchObject([
    { kind: "step-start", resume: false, effect: effectPlan(BASE, "news", 1) },
  ]);
});

test("an effect over its agent's cap is held, one that has happened already is adopted all the same", () => {
  const capped = mailer({ effectLimits: [{ per: "day", count: 0 }] });

  expect(planOf({ step: once, agent: capped, receipts: [] })).toMatchObject({
    actions: [],
    holds: [{ reason: "effect-limit" }],
    wakes: ["2026-11-23T00:00:00.000Z"],
  });
  expect(planOf({ step: once, agent: capped, receipts: [{}], undoing: [] }).actions).toMatchObject([
    { outcome: "noop" },
  ]);
});

test("an effect that has happened is adopted with its receipt", () => {
  expect(
    planOf({ step: once, receipts: [{ receipt: { id: 7 } }], undoing: [] }).actions,
  ).toMatchObject([
    {
      kind: "step-adopt",
      outcome: "noop",
      reason: "done on 2026-11-20, once only",
      effect: { ordinal: 1, receipt: { id: 7 } },
    },
  ]);
});

test("a limit of the newest version that is stricter than that of the run holds", () => {
  const at = "2026-11-01T00:00:00.000Z";
  const limits = { key: "news", every: "1d", max: 4 };
  const limited = (max: number): StepPlan => {
    const newest = step("send", { agent: "mailer", once: { ...limits, max } });
    const version = project({ pipelines: { chase: pipeline([newest]) } });
    const receiptsThere = [{ ordinal: 1, state: "happened", at }] as const;
    return planOf({
      step: { once: limits },
      receipts: receiptsThere,
      undoing: [],
      workspace: workspace([version]),
    });
  };

  expect(limited(1).actions).toMatchObject([{ kind: "step-adopt", outcome: "noop" }]);
  expect(limited(9).actions).toMatchObject([{ kind: "step-start", effect: { ordinal: 2 } }]);
});

test("an effect that another open run is doing is waited for", () => {
  const other = openRun(pipeline([]), { record: { id: "other.bbbbbbbbbbbb" } });
  const facts = { runs: new Map([[other.record.id, other]]) };

  expect(planOf({ step: once, receipts: [{ state: "intended" }], facts })).toMatchObject({
    actions: [],
    holds: [{ reason: "dependency-not-ready", why: "news: run other.bbbbbbbbbbbb is doing it" }],
  });
});

test("an effect that a run which is gone meant to do is uncertain", () => {
  expect(planOf({ step: once, receipts: [{ state: "intended" }] })).toMatchObject({
    actions: [],
    holds: [{ reason: "uncertain-effect" }],
  });
});

test("an effect that may have happened is not done again", () => {
  expect(
    planOf({ step: { once: { key: "news", every: "1s" } }, receipts: [{ state: "uncertain" }] }),
  ).toMatchObject({
    actions: [],
    holds: [
      {
        reason: "uncertain-effect",
        why: "news: nobody knows whether it happened in other.bbbbbbbbbbbb",
        unblock: "fettle answer news happened, or did-not",
      },
    ],
  });
});

test.each(["none", undefined] as const)(
  "its own intent without a result is uncertain when the agent offers %s",
  (idempotency) => {
    const attempts = [attempt("send", { state: "intended", outcome: null, outputs: null })];
    const plan = planOf({
      step: once,
      agent: mailer(idempotency === undefined ? {} : { idempotency }),
      attempts,
      receipts: [{ state: "intended", ...mine }],
    });

    expect(plan.actions).toMatchObject([
      { kind: "step-adopt", attempt: 1, outcome: "uncertain", effect: { ordinal: 1 } },
    ]);
  },
);

test.each<[string, "native" | "probe", string | undefined, true | undefined]>([
  ["a native agent acts again", "native", undefined, undefined],
  ["a native agent acts again for another runner", "native", "laptop", undefined],
  ["an agent that can tell looks and acts", "probe", undefined, undefined],
  ["for another runner, which may be slow, it only looks", "probe", "laptop", true],
])("an intent without a result: %s", (_, idempotency, runner, askOnly) => {
  const attempts = [attempt("send", { state: "intended", outcome: null, outputs: null })];
  const by = runner === undefined ? {} : { runner };

  const plan = planOf({
    step: once,
    agent: mailer({ idempotency }),
    attempts,
    receipts: [{ state: "intended", ...mine, ...by }],
  });

  expect(plan.actions).toMatchObject([
    { kind: "step-start", attempt: 1, resume: true, effect: effectPlan(BASE, "news", 1) },
  ]);
  expect(plan.actions[0]).toHaveProperty("resume", true);
  expect(plan.actions.map((action) => "askOnly" in action && action.askOnly)).toEqual([
    askOnly ?? false,
  ]);
});

test("what has begun outside is brought to its end where it began, whatever degrade says by now", () => {
  const runtime: Agent["runtime"] = { command: ["a"], fallback: [{ template: { text: "t.hbs" } }] };
  const degrade: AgentStep["degrade"] = [{ when: "true", use: "fallback[0]" }];
  const of = {
    step: { ...once, degrade },
    agent: mailer({ idempotency: "native", runtime }),
  };
  const attempts = [attempt("send", { state: "intended", outcome: null, outputs: null })];

  const fresh = planOf({ ...of, receipts: [] });
  const begun = planOf({ ...of, attempts, receipts: [{ state: "intended", ...mine }] });

  expect(fresh.actions).toMatchObject([{ kind: "step-start", ladder: { from: 1 } }]);
  expect(begun.actions).toMatchObject([{ kind: "step-start", resume: true }]);
  expect(begun.actions[0]).not.toHaveProperty("ladder");
});

test("a native agent carries out its own intent again, under the same key and as the same attempt", () => {
  const attempts = [attempt("send", { state: "intended", outcome: null, outputs: null })];
  const plan = planOf({
    step: once,
    agent: mailer({ idempotency: "native" }),
    attempts,
    receipts: [{ state: "intended", ...mine }],
  });

  expect(plan.actions).toMatchObject([
    { kind: "step-start", attempt: 1, resume: true, effect: effectPlan(BASE, "news", 1) },
  ]);
});

test.each(["${{ params.none }}", "${{ params.map }}", ""])(
  "an effect key %j holds: it names nothing",
  (key) => {
    expect(planOf({ step: { once: { key } }, receipts: [] })).toMatchObject({
      actions: [],
      holds: [{ reason: "expression" }],
    });
  },
);

test("an effect keeps its receipts when its project or agent is renamed", () => {
  const renamed = workspace([project({ manifest: { previousNames: ["store"] } })]);
  const by = mailer({ previousNames: ["postman"] });
  const old = effectBase("store", "postman", "news");
  const bases = [
    BASE,
    effectBase("shop", "postman", "news"),
    effectBase("store", "mailer", "news"),
    old,
  ];

  const asking = planOf({ step: once, agent: by, workspace: renamed });
  expect(asking.wants).toEqual(bases.map((base) => ({ kind: "receipt", base })));

  const found = new Map([
    ...bases.map((base) => [base, null] as const),
    [old, receipts(old, [{}])] as const,
    [undoBase({ base: old, ordinal: 1 }), null] as const,
  ]);
  const plan = planOf({ step: once, agent: by, workspace: renamed, facts: { receipts: found } });
  expect(plan.actions).toMatchObject([{ kind: "step-adopt", outcome: "noop" }]);
});

test("whether what was done was undone is looked up before it counts as done", () => {
  expect(planOf({ step: once, receipts: [{}] })).toMatchObject({
    actions: [],
    wants: [{ kind: "receipt", base: UNDO }],
  });
});

test("what was undone is neither done again nor counts as done", () => {
  const plan = planOf({ step: once, receipts: [{}], undoing: [{}] });

  expect(plan.actions).toMatchObject([
    { kind: "step-adopt", outcome: "permission-denied", effect: null },
  ]);
  expect(plan.actions[0]?.because).toBe(
    "news was undone on 2026-11-20 and is not done again by itself (done on 2026-11-20, once only); another once.key does it",
  );
});

test("what was undone counts for the times that it may be done, and the next time goes ahead", () => {
  const undoing = [{}];

  expect(planOf({ step: often(1), receipts: [{}], undoing }).actions).toMatchObject([
    { outcome: "permission-denied" },
  ]);
  expect(planOf({ step: often(2), receipts: [{}], undoing }).actions).toMatchObject([
    { kind: "step-start", effect: { ordinal: 2 } },
  ]);
});

test.each([
  ["nobody knows whether it was", "uncertain", "uncertain-effect"],
  ["it was about to be", "intended", "uncertain-effect"],
] as const)("what may have been undone is waited for when %s", (_, state, reason) => {
  const plan = planOf({ step: once, receipts: [{}], undoing: [{ state }] });

  expect(plan).toMatchObject({ actions: [], holds: [{ reason }] });
});

test("what was not undone after all counts as done", () => {
  expect(planOf({ step: once, receipts: [{}], undoing: [] }).actions).toMatchObject([
    { outcome: "noop" },
  ]);
});
