import { NO_FORECAST } from "#runner/core/forecast.ts";
import { expect, test } from "vitest";
import type { StepStart } from "#runner/core/action.ts";
import { startable, unitKey } from "#runner/core/parallel.ts";
import { agent, EMPTY, openRun, pipeline, step } from "../support/core-builders.ts";

function starts(run: string, of: string, count: number): readonly StepStart[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: "step-start",
    project: "shop",
    because: "",
    run,
    step: of,
    item: String(index),
    attempt: 1,
    agent: of,
    inputs: {},
    timeoutMs: 1,
    effect: null,
    resume: false,
    forecast: NO_FORECAST,
  }));
}

const plain = openRun(pipeline([step("draft"), step("send")]), { record: { id: "a.x" } });
const narrow = openRun(
  pipeline([step("draft", { maxParallel: 2 }), step("send")], { maxParallel: 3 }),
  { record: { id: "b.x" } },
);
const wide = openRun(pipeline([step("draft", { maxParallel: 20 })], { maxParallel: 20 }), {
  record: { id: "c.x" },
});
const observed = {
  ...EMPTY,
  runs: new Map([plain, narrow, wide].map((run) => [run.record.id, run])),
};

function chosen(
  planned: readonly StepStart[],
  running: readonly StepStart[] = [],
): readonly string[] {
  return startable(planned, running, observed).map(
    ({ run, step: of, item }) => `${run} ${of} ${item ?? ""}`,
  );
}

test("four steps of a run at a time unless it says otherwise, in planned order", () => {
  expect(chosen(starts("a.x", "draft", 9))).toEqual([
    "a.x draft 0",
    "a.x draft 1",
    "a.x draft 2",
    "a.x draft 3",
  ]);
});

test("the limits of the step and of the pipeline both hold", () => {
  const planned = [...starts("b.x", "draft", 5), ...starts("b.x", "send", 5)];

  expect(chosen(planned)).toEqual(["b.x draft 0", "b.x draft 1", "b.x send 0"]);
});

test("eight at a time in all, whatever a pipeline allows", () => {
  expect(chosen([...starts("c.x", "draft", 20), ...starts("a.x", "draft", 1)])).toHaveLength(8);
});

test("templates, which are filled in at once, take no place from programs, and have more of their own", () => {
  const manifest = agent("fill", { runtime: { template: { body: "body.hbs" } } });
  const filling = openRun(pipeline([step("fill", { maxParallel: 90 })], { maxParallel: 90 }), {
    record: { id: "d.x" },
    agents: [manifest],
  });
  const all = { ...observed, runs: new Map([...observed.runs, ["d.x", filling]]) };
  const planned = [...starts("d.x", "fill", 50), ...starts("c.x", "draft", 20)];

  const begun = startable(planned, [], all);

  expect(begun.filter(({ run }) => run === "d.x")).toHaveLength(50);
  expect(begun.filter(({ run }) => run === "c.x")).toHaveLength(8);
  expect(startable(starts("d.x", "fill", 90), [], all)).toHaveLength(64);
});

test("what runs already counts", () => {
  expect(chosen(starts("a.x", "draft", 9), starts("a.x", "send", 3))).toHaveLength(1);
  expect(chosen(starts("a.x", "draft", 9), starts("c.x", "draft", 7))).toHaveLength(1);
  expect(chosen(starts("a.x", "draft", 9), starts("c.x", "draft", 8))).toEqual([]);
});

test("a unit's name tells runs, steps and items apart", () => {
  const units = [
    { run: "a", step: "b", item: null },
    { run: "a", step: "b", item: "" },
    { run: "a", step: "b", item: "null" },
    { run: "a", step: 'b","c', item: null },
  ];

  expect(new Set(units.map(unitKey)).size).toBe(units.length);
});
