import { expect, test } from "vitest";
import * as fc from "fast-check";
import { historyOfClosed, historyOfOpen } from "#runner/core/run-history.ts";
import { timelineOf } from "#runner/core/timeline.ts";
import { attempt, attempts, closedRun, gate, now, openRun } from "../report/example.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

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
