/** The plan of a tick: a pure function of desired state, observed state and the time. */
import { earliest } from "./calendar.ts";
import { digestOf } from "./canonical-json.ts";
import { totalForecast } from "./forecast.ts";
import type { Action, Forecast, Hold, Observed, Plan, Workspace } from "./model.ts";
import { NOTHING, planProject, type ProjectContext, type ProjectPlan } from "./project-plan.ts";
import { planPrune } from "./prune.ts";
import { planRun } from "./run-plan.ts";
import type { StepPlan } from "./step-plan.ts";

/** Ordered actions with reasons, and what is held and why. Executes nothing and reads nothing. */
export function plan(workspace: Workspace, observed: Observed, now: string): Plan {
  const counters = { effectLimits: new Map<string, number>(), gatesPlanned: { count: 0 } };
  const shared = { workspace, observed, now, ...counters };
  const runs = [...observed.runs.values()]
    .filter(({ record }) => !isSuspended(workspace, record.project))
    .map((run) => planRun({ ...shared, run }));
  const projects = [...workspace.projects.values()].map((version) =>
    planProject(projectContext({ ...shared, version })),
  );
  const prune = planPrune(workspace, observed);
  const parts = [...runs, ...projects, { ...NOTHING, ...prune }];
  const actions = [...stalls(workspace, observed), ...parts.flatMap((part) => [...part.actions])];
  return {
    commit: workspace.commit,
    tip: observed.tip,
    actions,
    holds: [...invalidHolds(workspace), ...parts.flatMap((part) => [...part.holds])],
    nextWake: nextWake(parts, now),
    forecast: totalForecast(actions.flatMap(forecastOfAction)),
    wants: parts.flatMap((part) => [...part.wants]),
  };
}

/** Digest of what would be done and what is held; the same whatever woke the tick. */
export function planDigest({ commit, actions, holds }: Plan): string {
  return digestOf({ commit, actions, holds });
}

function isSuspended(workspace: Workspace, project: string): boolean {
  return (
    workspace.settings.suspend === true ||
    workspace.projects.get(project)?.manifest.suspend === true
  );
}

function projectContext(facts: Omit<ProjectContext, "live">): ProjectContext {
  return { ...facts, live: facts.observed.summaries.projects.get(facts.version.name) };
}

/** A project that has just become invalid is noted once; its last good version stays in force. */
function stalls(workspace: Workspace, observed: Observed): readonly Action[] {
  return [...workspace.invalid].flatMap(([project, reason]) => {
    const stalled = observed.summaries.projects.get(project)?.stalled;
    return stalled !== undefined && stalled.reason === reason
      ? []
      : [{ kind: "project-stall", project, because: reason, commit: workspace.commit, reason }];
  });
}

function invalidHolds(workspace: Workspace): readonly Hold[] {
  return [...workspace.invalid].map(([project, why]) => ({
    project,
    subject: "project",
    reason: "invalid",
    why: workspace.projects.has(project) ? `${why} (the last good version is in force)` : why,
    unblock: "fettle validate",
    until: null,
  }));
}

function nextWake(parts: readonly (StepPlan | ProjectPlan)[], now: string): string | null {
  const wakes: readonly (string | null)[] = parts.flatMap((part) => [...part.wakes]);
  return earliest(wakes.filter((wake) => wake !== null && wake > now));
}

function forecastOfAction(action: Action): readonly Forecast[] {
  return "forecast" in action ? [action.forecast] : [];
}
