import { expect, test } from "vitest";
import type { Observed } from "#runner/core/model.ts";
import { planProject } from "#runner/core/project-plan.ts";
import type { GoalState } from "#runner/schema/types.gen.ts";
import {
  goal,
  live,
  openRun,
  pipeline,
  pipelineState,
  project,
  projectContext,
} from "../support/core-builders.ts";

const unmet: GoalState = {
  value: 3,
  met: false,
  measuredAt: "2026-11-22T08:00:00.000Z",
  unmetRuns: 0,
  lastRunEndedAt: null,
  history: [],
};

function kinds(state: GoalState, facts: Partial<Observed> = {}): readonly string[] {
  const version = project({
    manifest: { goals: { paid: goal({ pipelines: ["chase", "call"] }) } },
    pipelines: { chase: pipeline([]), call: pipeline([]), other: pipeline([]) },
  });
  const pipelines = { chase: pipelineState(), call: pipelineState(), other: pipelineState() };
  const context = projectContext(version, {
    live: live({ goals: { paid: state }, pipelines }),
    ...facts,
  });
  return planProject(context).actions.map((action) =>
    action.kind === "run-start" ? `start ${action.run.pipeline}` : action.kind,
  );
}

function open(name: string): Partial<Observed> {
  const run = openRun(pipeline([]), { record: { id: `${name}.x`, pipeline: name } });
  return { runs: new Map([[run.record.id, run]]) };
}

test("an unmet goal starts each of its pipelines, and no other", () => {
  expect(kinds(unmet)).toEqual(["start chase", "start call"]);
});

test("it starts none while any of them is open", () => {
  expect(kinds(unmet, open("call"))).toEqual([]);
  expect(kinds(unmet, open("other"))).toEqual(["start chase", "start call"]);
});

test("one measurement starts one run, whatever its name is computed from later", () => {
  const version = project({
    manifest: { goals: { paid: goal() } },
    pipelines: { chase: pipeline([]) },
  });
  const own = live({ goals: { paid: unmet }, pipelines: { chase: pipelineState() } });
  const ids = ["2026-11-22T10:00:00.000Z", "2026-11-22T20:00:00.000Z"].map((now) => {
    const [action] = planProject(projectContext(version, { live: own, now })).actions;
    return action?.kind === "run-start" ? action.run.id : now;
  });

  expect(ids[0]).toBe(ids[1]);
});

test("a measurement that is under way is not started again", () => {
  const old = { ...unmet, met: true, measuredAt: "2026-11-20T08:00:00.000Z" };

  expect(kinds(old)).toEqual(["goal-measure"]);
  expect(kinds(old, open("goal.paid"))).toEqual([]);
});
