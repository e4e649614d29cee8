/** The plan of a tick: a pure function of desired state, observed state and the time. */
import { planAnswers } from "./answer-plan.ts";
import { planCapGates } from "#runner/core/gate/cap-gate.ts";
import { planCancel, whyCalledOff } from "./cancel.ts";
import { planDrops, type DropFacts, type DropPlan } from "./payload-retention.ts";
import { planCompaction } from "./compaction.ts";
import { admitGates } from "#runner/core/gate/gate-admission.ts";
import { earliest } from "#runner/core/time/instant.ts";
import { digestOf } from "./canonical-json.ts";
import { totalForecast } from "./forecast.ts";
import type { Action, Forecast, Hold, Plan } from "./action.ts";
import type { Observed, Workspace } from "./model.ts";
import { planWithoutVersion } from "./missing-version.ts";
import { orphanRequests } from "./orphan-request.ts";
import { NOTHING, type ProjectPlan } from "./project-context.ts";
import { planProject } from "./project-plan.ts";
import { GONE, isInDoubt, planPrune, type PrunePlan } from "./prune.ts";
import { stopHold, stopOf } from "./stop.ts";
import { planRun } from "./run-plan.ts";
import { timezoneOf } from "./run-scope.ts";
import { admitRuns } from "./run-limit.ts";
import { heldByOthers, type Lease } from "./lease.ts";
import { held, nothingPlanned, type RunContext, type StepPlan } from "./step-plan.ts";
import { takenBackHold } from "#runner/core/undo/taken-back.ts";
import { zonedHold } from "./zoned-text.ts";
import type { RunRecord } from "#runner/schema/types.gen.ts";

/** Ordered actions with reasons, and what is held and why. Executes nothing and reads nothing. */
export function plan(workspace: Workspace, facts: Observed, now: string): Plan {
  const observed = inOrder(facts);
  const planned = nothingPlanned();
  const prune = planPrune(workspace, observed);
  const cancelled = new Set(prune.actions.map((action) => ("run" in action ? action.run : "")));
  const projects = byName(workspace.projects).map(([name, version]) => {
    const live = observed.summaries.projects.get(name);
    return planProject({ workspace, observed, now, version, live });
  });
  const yielding = new Set(projects.flatMap((part) => part.yielding));
  const leases = heldByOthers(observed.runners, observed.self, now);
  const runs = [...observed.runs.values()]
    .filter(({ record }) => !cancelled.has(record.id) && !yielding.has(record.id))
    .flatMap((run) =>
      planOpenRun(
        { workspace, observed, now, planned, run },
        { leases, isGone: prune.settling.has(run.record.id) },
      ),
    );
  const { actions: removals, holds } = prune;
  const removed = { ...NOTHING, actions: removals, holds };
  const parts = [...runs, ...projects, removed, planAnswers(observed)];
  const admitted = admitRuns({ workspace, observed, now }, [
    ...stalls(workspace, observed),
    ...orphanRequests(workspace, observed),
    ...parts.flatMap((part) => [...part.actions]).filter((action) => !isHeld(action, prune)),
  ]);
  const gates = admitGates({ workspace, observed, now }, admitted.actions);
  const { actions } = gates;
  const late = [...admitted.holds, ...gates.holds];
  const upkeep = planUpkeep(workspace, observed, { others: actions, now });
  return {
    commit: workspace.commit,
    tip: observed.tip,
    actions: [...actions, ...upkeep.actions],
    holds: holdsOf(workspace, [...parts, { holds: late }, upkeep]),
    nextWake: earliest([
      nextWake(parts, now),
      upkeep.wake,
      ...late.map(({ until }) => until),
      ...(workspace.resting?.values() ?? []),
    ]),
    forecast: totalForecast([
      ...actions.flatMap(forecastOfAction),
      ...runs.map(({ later }) => later),
    ]),
    wants: [...parts.flatMap((part) => [...part.wants]), ...upkeep.wants],
    queue: gates.queue,
  };
}

/** What is old leaves the tip of the state and the payload, when nothing else is left to do. */
function planUpkeep(workspace: Workspace, observed: Observed, facts: DropFacts): Upkeep {
  const compaction = planCompaction(observed.folders, facts.others, facts.now);
  const drops = planDrops(observed, workspace.settings.retention, facts);
  const actions = [...compaction.actions, ...drops.actions];
  return { ...drops, actions, wake: earliest([compaction.wake, drops.wake]) };
}

type Upkeep = Omit<DropPlan, "actions"> & Pick<Plan, "actions">;

interface Around {
  readonly leases: ReadonlyMap<string, Lease>;
  /** Its project is removed when the run has ended. */
  readonly isGone: boolean;
}

/** A run of a suspended project rests, unless it is called off. */
function planOpenRun(context: RunContext, { leases, isGone }: Around): readonly StepPlan[] {
  const { record } = context.run;
  const why = whyCalledOff(context.observed, record) ?? (isGone ? GONE : null);
  if (why === null && isSuspended(context.workspace, record.project)) return [];
  const still = why === null ? standstill(context) : null;
  if (still !== null) return [held(still)];
  const lease = leases.get(record.id);
  if (lease !== undefined) return [held(leaseHold(record, lease, why !== null))];
  const { missing } = context.run;
  if (missing !== undefined) return [planWithoutVersion(context, missing, why)];
  return why === null ? planGoing(context) : [planCancel(context, why)];
}

/** What keeps all of a run that is not called off from going on, whoever works on it. */
function standstill({ observed, run }: RunContext): Hold | null {
  const { record } = run;
  const stop = stopOf(observed.requests, record);
  if (stop !== undefined) return stopHold(stop, record.project, `run:${record.id}`);
  return takenBackHold(observed, run);
}

/** The run, and its gates about caps: those of a run that ends close with it. */
function planGoing(context: RunContext): readonly StepPlan[] {
  const way = planRun(context);
  const isOver = way.actions.some(({ kind }) => kind === "run-finish");
  return isOver ? [way] : [...planCapGates(context), way];
}

/** While a rewritten main is not accepted, nothing of it comes into force. */
function isHeld({ kind }: Action, prune: PrunePlan): boolean {
  return kind === "project-apply" && isInDoubt(prune);
}

/** The same facts in an order of their own: the order in which they were looked at says nothing. Runs: oldest first. */
function inOrder(observed: Observed): Observed {
  const runs = [...observed.runs].toSorted(([, { record: a }], [, { record: b }]) =>
    a.startedAt + a.id < b.startedAt + b.id ? -1 : 1,
  );
  const requests = observed.requests.toSorted((a, b) => (a.at + a.id < b.at + b.id ? -1 : 1));
  return { ...observed, runs: new Map(runs), gates: new Map(byName(observed.gates)), requests };
}

function byName<Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
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

/** A project that has just become invalid is noted once; its last good version stays in force. */
function stalls(workspace: Workspace, observed: Observed): readonly Action[] {
  return byName(workspace.invalid).flatMap(([project, reason]) => {
    const stalled = observed.summaries.projects.get(project)?.stalled;
    return stalled !== undefined && stalled.reason === reason
      ? []
      : [{ kind: "project-stall", project, because: reason, commit: workspace.commit, reason }];
  });
}

function leaseHold(
  { project, id }: RunRecord,
  { runner, until }: Lease,
  isCalledOff: boolean,
): Hold {
  const what = isCalledOff ? "it is cancelled there" : "it goes on there";
  return {
    project,
    subject: `run:${id}`,
    reason: "lease-held",
    why: `${runner} works on it`,
    unblock: `${what}; if that runner is gone, here, when its claim has run out`,
    until,
  };
}

/** Told by the clock of the workspace. */
function holdsOf(
  workspace: Workspace,
  parts: readonly { readonly holds: readonly Hold[] }[],
): readonly Hold[] {
  const timezone = timezoneOf(workspace.settings);
  const holds = [...invalidHolds(workspace), ...parts.flatMap((part) => [...part.holds])];
  return holds.map((hold) => zonedHold(hold, timezone));
}

function invalidHolds(workspace: Workspace): readonly Hold[] {
  return byName(workspace.invalid).map(([project, why]) => ({
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
