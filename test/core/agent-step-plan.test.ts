import { expect, test } from "vitest";
import { planAgentStep } from "#runner/core/agent-step-plan.ts";
import { unitKey } from "#runner/core/parallel.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import type { AgentStep, AttemptRecord } from "#runner/schema/types.gen.ts";
import {
  agent,
  mailer,
  observed,
  openRun,
  pipeline,
  runContext,
  step,
} from "../support/core-builders.ts";
import { attempt, receipts } from "../support/core-records.ts";
import { effectBase } from "#runner/core/effect.ts";

const RUN = "chase.aaaaaaaaaaaa";

interface Situation {
  readonly list?: unknown;
  readonly attempts?: readonly AttemptRecord[];
  readonly working?: readonly string[];
  /** Whether the outputs that attempts cite are in this clone. */
  readonly isHere?: boolean;
}

function planOf(changes: Partial<AgentStep>, situation: Situation = {}): StepPlan {
  const {
    list = [{ id: "a" }, { id: "b" }],
    attempts = [],
    working = [],
    isHere = true,
  } = situation;
  const each = step("draft", {
    forEach: "${{ params.list }}",
    itemKey: "${{ item.id }}",
    ...changes,
  });
  const run = openRun(pipeline([each]), {
    agents: [mailer()],
    attempts,
    values: isHere ? [{}, { n: 1 }] : [],
  });
  const units = working.map((key) => unitKey({ run: RUN, step: "draft", item: key }));
  const facts = observed([], { working: new Set(units) });
  return planAgentStep(runContext(run, { observed: facts }), each, { params: { list } });
}

function item(key: string, changes: Parameters<typeof attempt>[1] = {}): AttemptRecord {
  return attempt("draft", { item: key, ...changes });
}

const failed = { outcome: "auth", reason: "no key", outputs: null } as const;

test("every item starts with its own inputs", () => {
  const { actions } = planOf({ with: { id: "${{ item.id }}" } });

  expect(actions).toMatchObject([
    { kind: "step-start", item: "a", inputs: { id: "a" }, itemInput: { id: "a" } },
    { kind: "step-start", item: "b", inputs: { id: "b" }, itemInput: { id: "b" } },
  ]);
});

test("a number is a key too", () => {
  expect(planOf({}, { list: [{ id: 7 }] }).actions).toMatchObject([{ item: "7" }]);
});

test.each<[string, unknown, string]>([
  ["no list", 5, "forEach is not a list"],
  ["a key that comes twice", [{ id: "a" }, { id: "a" }], "two items have the key a"],
  ["a key that is null", [{ id: null }], "itemKey must give a text or a number"],
  ["a key that is empty", [{ id: "" }], "itemKey must give a text or a number"],
  ["a key that is a map", [{ id: {} }], "itemKey must give a text or a number"],
  ["a key that is missing", [{}], "`item.id`"],
])("%s holds the step", (_, list, why) => {
  const plan = planOf({}, { list });

  expect(plan.actions).toEqual([]);
  expect(plan.holds).toMatchObject([{ reason: "expression", why: expect.stringContaining(why) }]);
});

test("more items than maxItems hold the step and say how many", () => {
  expect(planOf({ maxItems: 2 }).actions).toHaveLength(2);
  const plan = planOf({ maxItems: 1 });
  expect(plan.actions).toEqual([]);
  expect(plan.holds).toMatchObject([
    { why: "2 items, at most 1", unblock: expect.stringContaining("maxItems") },
  ]);
});

test("without maxItems a hundred items are the limit", () => {
  const list = Array.from({ length: 101 }, (_, id) => ({ id }));

  expect(planOf({}, { list }).holds).toMatchObject([{ why: "101 items, at most 100" }]);
  expect(planOf({}, { list: list.slice(1) }).holds).toMatchObject([{ reason: "concurrency" }]);
});

test("what has no place beside the others is counted, not planned, and comes when one is over", () => {
  const list = Array.from({ length: 9 }, (_, id) => ({ id }));

  const first = planOf({ maxParallel: 3 }, { list });
  const last = planOf({ maxParallel: 20 }, { list: list.slice(0, 4) });

  expect(first.actions).toMatchObject([{ item: "0" }, { item: "1" }, { item: "2" }]);
  expect(first.holds).toMatchObject([
    { reason: "concurrency", why: "6 more items wait for a free place: 3 run at the same time" },
  ]);
  expect(last.actions).toHaveLength(4);
  expect(last.holds).toEqual([]);
});

test("an empty list is done at once", () => {
  expect(planOf({}, { list: [] }).end).toEqual({
    result: "done",
    value: { items: [] },
    failedItems: 0,
    reason: "",
  });
});

test("items come back in the order of the list, with key, input, outcome and outputs", () => {
  const attempts = [item("b", { outputs: { n: 1 } }), item("a", failed)];

  expect(planOf({}, { attempts }).end).toMatchObject({
    result: "done",
    failedItems: 1,
    reason: "1 of 2 items failed",
    value: {
      items: [
        { key: "a", input: { id: "a" }, outcome: "auth", outputs: null },
        { key: "b", input: { id: "b" }, outcome: "succeeded", outputs: { n: 1 } },
      ],
    },
  });
});

test("an item carries the receipt of its effect", () => {
  const effect = { key: "k", base: "b", ordinal: 1, onceKey: "o", receipt: { id: 7 } };
  const attempts = [item("a", { outcome: "noop", effect })];

  expect(planOf({}, { list: [{ id: "a" }], attempts }).end?.value).toMatchObject({
    items: [{ outcome: "noop", receipt: { id: 7 } }],
  });
});

test("when every item failed the step has failed", () => {
  expect(planOf({}, { attempts: [item("a", failed), item("b", failed)] }).end).toMatchObject({
    result: "failed",
    reason: "every item failed; first: auth: no key",
  });
});

test("onItemFailure continue goes on with the others, fail starts none of them", () => {
  const attempts = [item("a", failed)];

  expect(planOf({}, { attempts }).actions).toMatchObject([{ item: "b" }]);
  expect(planOf({ onItemFailure: "fail" }, { attempts })).toMatchObject({
    actions: [],
    end: { result: "failed", reason: "item a failed: auth no key" },
  });
});

test("onItemFailure fail waits for the items that run already", () => {
  const attempts = [item("a", failed)];

  const plan = planOf({ onItemFailure: "fail" }, { attempts, working: ["b"] });

  expect(plan).toMatchObject({ end: null, actions: [] });
});

test("onItemFailure fail first settles an effect that may have happened", () => {
  const attempts = [
    item("a", { ...failed }),
    item("b", { state: "intended", outcome: null, outputs: null }),
  ];
  const once = { key: "k" };
  const base = effectBase("shop", "mailer", "k");
  const each = step("draft", {
    agent: "mailer",
    forEach: "${{ params.list }}",
    itemKey: "${{ item.id }}",
    onItemFailure: "fail",
    once,
  });
  const run = openRun(pipeline([each]), { agents: [mailer()], attempts });
  const record = receipts(base, [{ state: "intended", run: RUN, step: "draft", item: "b" }]);
  const facts = observed([], { receipts: new Map([[base, record]]) });
  const scope = { params: { list: [{ id: "a" }, { id: "b" }, { id: "c" }] } };

  const plan = planAgentStep(runContext(run, { observed: facts }), each, scope);

  expect(plan).toMatchObject({
    end: null,
    actions: [{ kind: "step-adopt", item: "b", outcome: "uncertain" }],
  });
});

test("outputs that are not in this clone hold what comes after", () => {
  const attempts = [item("a", { outputs: { n: 1 } }), item("b", { outputs: { n: 1 } })];

  expect(planOf({}, { attempts, isHere: false })).toMatchObject({
    end: null,
    holds: [{ reason: "payload-missing" }],
  });
});

test("a step without items has one outcome and its outputs", () => {
  const run = openRun(pipeline([step("find")]), {
    attempts: [attempt("find", { outputs: { n: 1 } })],
    values: [{ n: 1 }],
  });

  expect(planAgentStep(runContext(run), step("find"), {}).end).toMatchObject({
    result: "done",
    value: { outcome: "succeeded", outputs: { n: 1 } },
  });
});

test("a version range does not change which agent is meant", () => {
  const ranged = step("find", { agent: "finder@^2" });
  const run = openRun(pipeline([step("find")]), { agents: [agent("finder")] });

  expect(planAgentStep(runContext(run), ranged, {}).actions).toMatchObject([{ agent: "finder" }]);
});

test("a list that was looked through is not looked through again by the next plan", () => {
  let reads = 0;
  const list = Array.from({ length: 300 }, (_, index) => {
    return new Proxy(
      { id: `item-${index}` },
      {
        get: (target, key) => {
          reads += 1;
          return Reflect.get(target, key);
        },
      },
    );
  });
  const readsOfPlan = (done: number): number => {
    const attempts = list.slice(0, done).map((_, index) => item(`item-${index}`));
    reads = 0;
    planOf({ maxItems: 300 }, { list, attempts });
    return reads;
  };

  expect(readsOfPlan(0)).toBeGreaterThanOrEqual(300);
  expect(readsOfPlan(100)).toBeLessThan(30);
  expect(readsOfPlan(299)).toBeLessThan(30);
});
