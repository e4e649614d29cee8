import { expect, test } from "vitest";
import { planAgentStep } from "#runner/core/agent-step-plan.ts";
import { unitKey, unitOf } from "#runner/core/parallel.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import type { AgentStep, AttemptRecord } from "#runner/schema/types.gen.ts";
import { mailer, observed, openRun, pipeline, runContext, step } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

const RUN = "chase.aaaaaaaaaaaa";
const DUE = "2026-11-22T09:30:00.000Z";

interface Situation {
  readonly maxRetries?: number;
  readonly attempts: readonly AttemptRecord[];
  readonly working?: readonly string[];
  readonly changes?: Partial<AgentStep>;
}

function planOf({ maxRetries, attempts, working = [], changes = {} }: Situation): StepPlan {
  const each = step("draft", {
    forEach: "${{ params.list }}",
    itemKey: "${{ item.id }}",
    retry: { limit: 10 },
    ...changes,
  });
  const limits = maxRetries === undefined ? {} : { maxRetries };
  const run = openRun({ ...pipeline([each]), ...limits }, { agents: [mailer()], attempts });
  const units = working.map((item) => unitKey({ run: RUN, step: "draft", item }));
  const facts = observed([], { working: new Set(units) });
  const list = ["a", "b", "c"].map((id) => ({ id }));
  return planAgentStep(runContext(run, { observed: facts }), each, { params: { list } });
}

function crashed(item: string, number = 1): AttemptRecord {
  const facts = { item, attempt: number, outcome: "crashed", reason: "exit code 1" } as const;
  return attempt("draft", { ...facts, outputs: null, retryAt: DUE });
}

function starts({ actions }: StepPlan): readonly unknown[] {
  return actions.map((action) => (action.kind === "step-start" ? action.item : action.kind));
}

test("a hundred further attempts a run, unless it says otherwise", () => {
  const many = Array.from({ length: 101 }, (_, index) => crashed("a", index + 1));

  expect(starts(planOf({ attempts: many.slice(0, 100) }))).toEqual(["a", "b", "c"]);
  expect(starts(planOf({ attempts: many }))).toEqual(["b", "c"]);
});

test("one plan does not start more further attempts than are left, and says what the others wait for", () => {
  const attempts = [crashed("a"), crashed("b"), crashed("c")];
  const plan = planOf({ maxRetries: 2, attempts });

  expect(starts(plan)).toEqual(["a", "b"]);
  expect(plan.holds).toMatchObject([
    {
      reason: "retry-wait",
      why: "the last of the 2 further attempts of the run are being made",
      until: null,
    },
  ]);
});

test("further attempts at work count, first ones do not", () => {
  const attempts = [crashed("a"), crashed("b")];

  expect(starts(planOf({ maxRetries: 1, attempts, working: ["a"] }))).toEqual(["c"]);
  expect(starts(planOf({ maxRetries: 1, attempts, working: ["c"] }))).toEqual(["a"]);
});

test("when they are used up, what has failed has ended, and says why", () => {
  const plan = planOf({ maxRetries: 0, attempts: [crashed("a"), crashed("b"), crashed("c")] });

  expect(plan.end).toMatchObject({
    result: "failed",
    reason:
      "every item failed; first: crashed: exit code 1; no further attempt: the 0 of maxRetries are used up",
  });
});

test("a first attempt is made in any case, and what was parked goes on", () => {
  const parked = attempt("draft", {
    item: "b",
    outcome: "rate-limited",
    outputs: null,
    resumeAt: DUE,
  });

  expect(starts(planOf({ maxRetries: 0, attempts: [crashed("a"), parked] }))).toEqual(["b", "c"]);
});

test("an external effect is brought to its end whatever is left", () => {
  const changes = { once: { key: "mail/${{ item.id }}" } };

  expect(planOf({ maxRetries: 0, attempts: [crashed("a")], changes }).end).toBe(null);
  expect(planOf({ maxRetries: 0, attempts: [crashed("a")], changes }).wants).toHaveLength(3);
});

test.each([null, "a", 'with "quotes", [brackets]'])("the key of item %j names its unit", (item) => {
  const unit = { run: RUN, step: "draft", item };

  expect(unitOf(unitKey(unit))).toEqual(unit);
});
