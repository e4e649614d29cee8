import { expect, test } from "vitest";
import {
  dueMeasurement,
  goalVerdict,
  measured,
  measuredGoal,
  measurePipeline,
  nextCheck,
} from "#runner/core/goal.ts";
import type { StepEnd } from "#runner/core/step-plan.ts";
import type { Goal, GoalState, LiveProject } from "#runner/schema/types.gen.ts";
import {
  goal,
  live,
  NOW,
  openRun,
  pipelineState,
  project,
  runContext,
  workspace,
} from "../support/core-builders.ts";
import { pending } from "../support/core-records.ts";

function state(changes: Partial<GoalState> = {}): GoalState {
  return {
    value: 3,
    met: false,
    measuredAt: "2026-11-22T08:00:00.000Z",
    measuredBy: "goal.paid.aaaaaaaaaaaa",
    unmetRuns: 0,
    lastRunEndedAt: null,
    history: [],
    ...changes,
  };
}

test("an unmet goal starts its pipelines and says by which measurement", () => {
  expect(goalVerdict(goal(), state(), NOW)).toEqual({
    kind: "start",
    measurement: "goal.paid.aaaaaaaaaaaa",
    value: 3,
    measuredAt: "2026-11-22T08:00:00.000Z",
  });
});

test.each<[string, Partial<GoalState>]>([
  ["is met", { met: true }],
  ["was never measured", { measuredAt: null, met: null }],
  ["was not measured since the last run ended", { lastRunEndedAt: "2026-11-22T09:00:00.000Z" }],
  ["was measured the moment the last run ended", { lastRunEndedAt: "2026-11-22T08:00:00.000Z" }],
])("nothing starts and nothing is held while the goal %s", (_, changes) => {
  expect(goalVerdict(goal(), state(changes), NOW)).toEqual({ kind: "fine" });
});

test("a goal that nothing is known of starts nothing", () => {
  expect(goalVerdict(goal(), undefined, NOW)).toEqual({ kind: "fine" });
});

test("an unknown value is neither met nor unmet: it starts nothing and says so", () => {
  expect(goalVerdict(goal(), state({ met: null, reason: "no key" }), NOW)).toEqual({
    kind: "hold",
    reason: "goal-unknown",
    why: "its metric could not be measured: no key",
    until: "2026-11-23T00:00:00.000Z",
  });
});

test("the cooldown counts from the end of the last run", () => {
  const rested = state({ lastRunEndedAt: "2026-11-22T07:00:00.000Z" });

  expect(goalVerdict(goal({ cooldown: "4h" }), rested, NOW)).toMatchObject({
    reason: "cooldown",
    until: "2026-11-22T11:00:00.000Z",
  });
  expect(goalVerdict(goal({ cooldown: "3h" }), rested, NOW)).toMatchObject({ kind: "start" });
  expect(goalVerdict(goal({ cooldown: "4h" }), state(), NOW)).toMatchObject({ kind: "start" });
});

test("after enough runs without success the goal is stalled", () => {
  expect(goalVerdict(goal(), state({ unmetRuns: 2 }), NOW)).toMatchObject({ kind: "start" });
  expect(goalVerdict(goal(), state({ unmetRuns: 3 }), NOW)).toMatchObject({
    reason: "goal-stalled",
  });
  expect(goalVerdict(goal({ stallAfter: 1 }), state({ unmetRuns: 1 }), NOW)).toMatchObject({
    reason: "goal-stalled",
  });
});

function due(
  state_: GoalState | undefined,
  own: LiveProject = live(),
  of: Goal = goal(),
): string | null {
  return dueMeasurement(of, state_, { now: NOW, live: own })?.slot ?? null;
}

test("a goal is measured once in each check window", () => {
  expect(due(undefined)).toBe("check:2026-11-22T00:00:00.000Z");
  expect(due(state({ measuredAt: "2026-11-21T23:59:59.999Z" }))).toBe(
    "check:2026-11-22T00:00:00.000Z",
  );
  expect(due(state({ measuredAt: "2026-11-22T00:00:00.000Z" }))).toBeNull();
  expect(due(state(), live(), goal({ check: "1h" }))).toBe("check:2026-11-22T10:00:00.000Z");
  expect(nextCheck(goal({ check: "1h" }), NOW)).toBe("2026-11-22T11:00:00.000Z");
});

const endedAt = "2026-11-22T09:00:00.000Z";
const ran = { chase: pipelineState({ lastRun: { id: "chase.x", result: "degraded", endedAt } }) };

test("a run of its pipelines is followed by a measurement once its files are on main", () => {
  expect(due(state(), live({ pipelines: ran }))).toBe("after:chase.x");
  expect(due(state(), live({ pipelines: ran, pending: [pending("a")] }))).toBeNull();
  expect(due(state({ measuredAt: endedAt }), live({ pipelines: ran }))).toBeNull();
  expect(due(state(), live({ pipelines: ran }), goal({ pipelines: ["other"] }))).toBeNull();
});

test("of several pipelines the one that ended last is waited for", () => {
  const later = {
    id: "other.y",
    result: "succeeded",
    endedAt: "2026-11-22T09:30:00.000Z",
  } as const;
  const pipelines = { other: pipelineState({ lastRun: later }), ...ran };

  expect(due(state(), live({ pipelines }), goal({ pipelines: ["chase", "other"] }))).toBe(
    "after:other.y",
  );
});

function measuredWith(end: Partial<StepEnd>, of: Goal = goal()): ReturnType<typeof measured> {
  const run = openRun(measurePipeline(of), { record: { pipeline: "goal.paid" } });
  const version = project({ manifest: { goals: { paid: of } } });
  const context = runContext(run, { workspace: workspace([version]) });
  const whole: StepEnd = { result: "done", value: {}, failedItems: 0, reason: "", ...end };
  return measured(context, new Map([["measure", whole]]));
}

test.each<[Goal["target"], number, boolean]>([
  [{ max: 0 }, 0, true],
  [{ max: 0 }, 0.5, false],
  [{ min: 2 }, 2, true],
  [{ min: 2 }, 1, false],
  [{ min: 1, max: 2 }, 3, false],
  [{ min: 1, max: 2 }, 0, false],
])("target %j, value %d: met is %s", (target, value, met) => {
  expect(measuredWith({ value: { outputs: { count: value } } }, goal({ target }))).toEqual({
    name: "paid",
    value,
    met,
    reason: "",
  });
});

test.each<[string, Partial<StepEnd>, string]>([
  ["a step that failed", { result: "failed", reason: "timeout" }, "timeout"],
  ["an output that is missing", { value: { outputs: {} } }, "count is not a number"],
  ["an output that is null", { value: { outputs: { count: null } } }, "count is not a number"],
  ["an output that is text", { value: { outputs: { count: "0" } } }, "count is not a number"],
])("%s leaves the goal unknown", (_, end, reason) => {
  expect(measuredWith(end)).toEqual({ name: "paid", value: null, met: null, reason });
});

test("only a run of goal.<name> measures, and only a goal that exists", () => {
  const run = openRun(measurePipeline(goal()));
  expect(measured(runContext(run), new Map())).toBeNull();
  expect(measuredGoal("chase")).toBeNull();
  const gone = openRun(measurePipeline(goal()), { record: { pipeline: "goal.paid" } });
  expect(measured(runContext(gone), new Map())).toMatchObject({
    met: null,
    reason: "the goal is gone",
  });
});
