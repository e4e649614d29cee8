import { expect, test } from "vitest";
import * as fc from "fast-check";
import type { OpenRun } from "#runner/core/model.ts";
import { historiesOf, historyOfClosed, historyOfOpen } from "#runner/core/run-history.ts";
import { timelineOf } from "#runner/core/timeline.ts";
import { attempt, attempts, closedRun, gate, now, openRun } from "../report/example.ts";
import type { AttemptRecord, ClosedRun } from "#runner/schema/types.gen.ts";

const open = historyOfOpen(openRun, [gate]);

function stepsOf(list: readonly AttemptRecord[]): ReturnType<typeof timelineOf>["steps"] {
  return timelineOf({ ...open, attempts: list, waiting: [] }, now, 20).steps;
}

test("items of a step are one row with their first start and last end", () => {
  const [, draft] = timelineOf(open, now, 20).steps;

  expect(draft).toMatchObject({
    step: "draft",
    status: "failed",
    startedAt: "2026-11-22T08:00:15.000Z",
    endedAt: "2026-11-22T08:02:54.000Z",
    ms: 159_000,
    costMicros: 12_000,
    items: 3,
    results: [
      { word: "succeeded", count: 2 },
      { word: "schema-invalid", count: 1 },
    ],
    degraded: "model default: no key ANTHROPIC_API_KEY",
  });
});

const trigger = { kind: "pipeline" as const, run: openRun.record.id, step: "each", item: "m1" };
const childOpen = {
  ...openRun,
  record: { ...openRun.record, id: "answer.aaaaaaaaaaaa", trigger },
};
const childClosed = {
  ...closedRun,
  run: { ...closedRun.run, id: "answer.bbbbbbbbbbbb", trigger: { ...trigger, item: "m2" } },
};

function histories(
  runs: readonly OpenRun[],
  closed: readonly ClosedRun[],
): ReturnType<typeof historiesOf> {
  return historiesOf(
    { runs: new Map(runs.map((run) => [run.record.id, run])), gates: new Map() },
    new Map(closed.map((run) => [run.run.id, run])),
  );
}

function isEach({ step }: { readonly step: string }): boolean {
  return step === "each";
}

test("runs that a step has started are its row while they are open", () => {
  const run = histories([openRun, childOpen], [childClosed]).find(
    ({ record }) => record.id === openRun.record.id,
  );

  const each = run === undefined ? undefined : timelineOf(run, now, 20).steps.find(isEach);

  expect(each).toMatchObject({
    step: "each",
    status: "running",
    endedAt: null,
    items: 2,
    results: expect.arrayContaining([
      { word: "running", count: 1 },
      { word: "succeeded", count: 1 },
    ]),
  });
});

test("afterwards the row says what became of each item, whoever handled it", () => {
  const child = { step: "each", item: "m2", run: childClosed.run.id, result: "succeeded" } as const;
  const parent = {
    ...closedRun,
    children: [
      { ...child, outcome: "succeeded" as const },
      { ...child, item: "m1", run: "answer.cccccccccccc", outcome: "noop" as const },
      { ...child, item: "m3", result: "failed" as const, outcome: "failed" as const },
    ],
  };
  const run = histories([], [parent, childClosed]).find(
    ({ record }) => record.id === closedRun.run.id,
  );

  const each = run === undefined ? undefined : timelineOf(run, now, 20).steps.find(isEach);

  expect(each).toMatchObject({
    step: "each",
    status: "failed",
    endedAt: closedRun.endedAt,
    items: 3,
  });
  expect(each?.results.map(({ word }) => word)).toEqual(["succeeded", "noop", "failed"]);
});

test("a retried item counts by its last attempt and costs what all attempts cost", () => {
  const first = attempt({ outcome: "timeout", item: null });
  const second = attempt({ attempt: 2, item: null });

  const [step] = stepsOf([first, second]);

  expect(step).toMatchObject({ status: "done", attempts: 2, costMicros: 8_000, items: null });
});

test.each([
  ["an intent without outcome", { state: "intended", outcome: null, finishedAt: null }, "running"],
  ["an uncertain effect", { outcome: "uncertain" }, "uncertain"],
  ["an attempt that will be repeated", { outcome: "rate-limited", retryAt: now }, "retrying"],
  ["a noop", { outcome: "noop" }, "done"],
] as const)("%s is shown as %s", (_, changes, status) => {
  expect(stepsOf([attempt(changes)])[0]?.status).toBe(status);
});

test("a repeated step tells its iterations, whatever attempts they took", () => {
  const turns = [1, 1, 2].map((iteration, index) =>
    attempt({ attempt: index + 1, iteration, item: null }),
  );

  expect(stepsOf(turns)[0]).toMatchObject({ attempts: 3, iterations: 2 });
  expect(stepsOf([attempt({ item: null })])[0]).toMatchObject({ iterations: null });
});

test("an open gate waits until now, a decision is a point in time", () => {
  const waiting = timelineOf(open, now, 20).steps.at(-1);
  const decided = timelineOf(historyOfClosed(closedRun), now, 20).steps.at(-1);

  expect(waiting).toMatchObject({ step: "review", status: "waiting", endedAt: null, ms: 720_000 });
  expect(decided).toMatchObject({
    step: "review",
    status: "done",
    ms: 0,
    bar: { from: 17, length: 1 },
  });
});

test("a closed run ends at its end, not now", () => {
  expect(timelineOf(historyOfClosed(closedRun), now, 20)).toMatchObject({
    ms: 720_000,
    until: closedRun.endedAt,
  });
});

test("every bar has a column and stays inside, whatever the clocks said", () => {
  const instant = fc
    .integer({ min: -3_600_000, max: 3_600_000 })
    .map((ms) => new Date(Date.parse(now) + ms).toISOString());
  fc.assert(
    fc.property(
      fc.array(fc.tuple(instant, instant)),
      fc.integer({ min: 1, max: 100 }),
      (spans, columns) => {
        const list = spans.map(([startedAt, finishedAt], index) =>
          attempt({ step: `s${index}`, startedAt, finishedAt }),
        );

        for (const { bar, ms } of timelineOf({ ...open, attempts: list }, now, columns).steps) {
          expect(bar.length).toBeGreaterThanOrEqual(1);
          expect(bar.from).toBeGreaterThanOrEqual(0);
          expect(bar.from + bar.length).toBeLessThanOrEqual(columns);
          expect(ms).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});

test("the money of the rows is the money of the run", () => {
  const timeline = timelineOf(open, now, 20);

  expect(timeline.costMicros).toBe(attempts.reduce((sum, { costMicros }) => sum + costMicros, 0));
  expect(timeline.steps.reduce((sum, { costMicros }) => sum + costMicros, 0)).toBe(
    timeline.costMicros,
  );
});
