/** Summaries are derived from events: the loop folds each event once, `verify` folds them all again and compares. */
import { rememberNames } from "./earlier-names.ts";
import { entryOf } from "./entry.ts";
import { addMs } from "./instant.ts";
import { DAY_MS, HOUR_MS } from "./duration.ts";
import { foldGoal, foldGoals } from "./fold-goal.ts";
import { foldInventory } from "./fold-inventory.ts";
import { foldPipelineEnd, foldPipelineStart, foldPipelines, foldSeen } from "./fold-pipeline.ts";
import type { EventOf, LedgerEvent } from "./ledger-event.ts";
import type { Summaries } from "./model.ts";
import type { AgentStats, LiveProject, LiveWorkspace } from "#runner/schema/types.gen.ts";

// The longest month, and the hour that it gains when summer time ends.
const EFFECTS_KEPT_MS = 32 * DAY_MS;
// The longest day.
const GATES_KEPT_MS = 25 * HOUR_MS;
const SAMPLES_KEPT = 50;

export const NO_SUMMARIES: Summaries = {
  workspace: { appliedCommit: null, projects: [], effects: {}, gatesOpened: [] },
  projects: new Map(),
  inventories: new Map(),
  stats: new Map(),
};

const OF_NO_PROJECT: ReadonlySet<LedgerEvent["kind"]> = new Set([
  "request-made",
  "request-settled",
  "work-claimed",
  "state-compacted",
] as const);

/** The summaries after `event`; objects that it does not concern stay the same objects. */
export function foldEvent(summaries: Summaries, event: LedgerEvent): Summaries {
  if (event.kind === "project-removed") return removeProject(summaries, event.project);
  if (event.kind === "rewrite-accepted") return applyMain(summaries, event.to);
  if (!concernsProject(event)) return summaries;
  const { project } = event;
  const moved = event.kind === "project-applied" ? renamed(summaries, event) : summaries;
  const workspace = foldWorkspace(moved.workspace, event);
  if (!moved.projects.has(project) && !isNewProject(event)) return { ...moved, workspace };
  const live = moved.projects.get(project) ?? newProject(project);
  const inventory = moved.inventories.get(project) ?? { project, owned: {}, refused: {} };
  return {
    workspace,
    projects: replace(moved.projects, project, foldProject(live, event)),
    inventories: replace(moved.inventories, project, foldInventory(inventory, event)),
    stats: foldStats(moved.stats, event),
  };
}

function concernsProject({ kind }: LedgerEvent): boolean {
  return !OF_NO_PROJECT.has(kind);
}

/** Only these give a project state; an event of any other project, or of none, leaves no trace in the summaries. */
function isNewProject({ kind }: LedgerEvent): boolean {
  return kind === "project-applied" || kind === "project-stalled";
}

/** State moves along with a project's name. */
function renamed(summaries: Summaries, event: EventOf<"project-applied">): Summaries {
  const { project, renamedFrom } = event;
  if (renamedFrom === null) return summaries;
  const live = summaries.projects.get(renamedFrom) ?? newProject(project);
  const inventory = summaries.inventories.get(renamedFrom) ?? { project, owned: {}, refused: {} };
  return {
    ...summaries,
    projects: replace(without(summaries.projects, renamedFrom), project, { ...live, project }),
    inventories: replace(without(summaries.inventories, renamedFrom), project, {
      ...inventory,
      project,
    }),
  };
}

function newProject(project: string): LiveProject {
  return {
    project,
    goals: {},
    pipelines: {},
    openRuns: [],
    openGates: [],
    pending: [],
    spend: {},
  };
}

function removeProject(summaries: Summaries, project: string): Summaries {
  return {
    ...summaries,
    workspace: {
      ...summaries.workspace,
      projects: summaries.workspace.projects.filter((name) => name !== project),
    },
    projects: without(summaries.projects, project),
    inventories: without(summaries.inventories, project),
  };
}

function applyMain(summaries: Summaries, appliedCommit: string): Summaries {
  return { ...summaries, workspace: { ...summaries.workspace, appliedCommit } };
}

function foldWorkspace(workspace: LiveWorkspace, event: LedgerEvent): LiveWorkspace {
  if (event.kind === "project-applied") {
    const { projects } = workspace;
    const kept = projects.filter((name) => name !== event.renamedFrom);
    return { ...workspace, appliedCommit: event.commit, projects: withName(kept, event.project) };
  }
  if (event.kind === "project-stalled") {
    return { ...workspace, projects: withName(workspace.projects, event.project) };
  }
  if (event.kind === "effect-intended") return countEffect(workspace, event);
  if (event.kind !== "gate-opened") return workspace;
  const since = addMs(event.at, -GATES_KEPT_MS);
  const recent = workspace.gatesOpened.filter((at) => at >= since);
  return { ...workspace, gatesOpened: [...recent, event.at] };
}

function withName(names: readonly string[], added: string): string[] {
  return [...new Set([...names, added])].toSorted();
}

function countEffect(workspace: LiveWorkspace, event: EventOf<"effect-intended">): LiveWorkspace {
  const since = addMs(event.at, -EFFECTS_KEPT_MS);
  const recent = (entryOf(workspace.effects, event.agent) ?? []).filter((at) => at >= since);
  return { ...workspace, effects: { ...workspace.effects, [event.agent]: [...recent, event.at] } };
}

function foldProject(live: LiveProject, event: LedgerEvent): LiveProject {
  switch (event.kind) {
    case "project-applied":
      return foldApplied(live, event);
    case "project-stalled":
      return {
        ...live,
        stalled: { commit: event.commit, reason: event.reason, since: event.at },
      };
    case "run-started":
      return {
        ...foldPipelineStart(live, event),
        openRuns: [...live.openRuns, event.run],
      };
    case "step-finished":
      return foldStep(foldDoubt(live, event), event);
    case "effect-answered":
      return foldAnswer(live, event);
    case "gate-opened":
      return { ...live, openGates: [...live.openGates, event.gate] };
    case "gate-settled":
      return {
        ...live,
        openGates: live.openGates.filter((gate) => gate !== event.gate),
        pending: addPending(live.pending, event.pending),
      };
    case "run-finished":
      return foldRunEnd(live, event);
    case "files-delivered": {
      const done = new Set([...Object.keys(event.owned), ...event.setAside]);
      const pending = live.pending.filter((file) => !done.has(file.path));
      return { ...live, pending, pipelines: foldSeen(live.pipelines, event.seen) };
    }
    case "edits-adopted":
    case "project-removed":
    case "effect-intended":
    case "gate-noted":
    case "wait-ended":
    case "step-checkpointed":
    case "request-made":
    case "request-settled":
    case "work-claimed":
    case "rewrite-accepted":
    case "state-compacted":
      return live;
  }
}

function foldApplied(live: LiveProject, event: EventOf<"project-applied">): LiveProject {
  const { stalled: _, ...rest } = live;
  const earlier = rememberNames(live.earlier, event.earlier, event.renamedFrom);
  return {
    ...rest,
    ...(earlier === undefined ? {} : { earlier }),
    applied: { commit: event.commit, tree: event.digest, at: event.at },
    pipelines: foldPipelines(live.pipelines, event),
    goals: foldGoals(live.goals, event.goals),
  };
}

function foldStep(live: LiveProject, event: EventOf<"step-finished">): LiveProject {
  const month = event.at.slice(0, 7);
  return {
    ...live,
    pending: addPending(live.pending, event.pending),
    spend:
      event.costMicros === 0
        ? live.spend
        : { ...live.spend, [month]: (live.spend[month] ?? 0) + event.costMicros },
  };
}

function foldDoubt(live: LiveProject, event: EventOf<"step-finished">): LiveProject {
  if (event.effect === null || event.doubt !== true) return live;
  return withDoubt(live, { ...event, effect: event.effect });
}

function foldAnswer(live: LiveProject, event: EventOf<"effect-answered">): LiveProject {
  if (event.answer === "uncertain") return withDoubt(live, event);
  const left = (live.uncertain ?? []).filter((doubt) => !isOf(doubt, event.effect));
  const { uncertain: _, ...rest } = live;
  return left.length === 0 ? rest : { ...live, uncertain: left };
}

type Doubt = NonNullable<LiveProject["uncertain"]>[number];
type DoubtEvent = Pick<
  EventOf<"effect-answered">,
  "effect" | "agent" | "run" | "step" | "item" | "at" | "reason"
>;

function withDoubt(live: LiveProject, event: DoubtEvent): LiveProject {
  const { effect, agent, run, step, item, at: since, reason } = event;
  const { base, ordinal, onceKey } = effect;
  const others = (live.uncertain ?? []).filter((doubt) => !isOf(doubt, effect));
  const doubt: Doubt = { base, ordinal, onceKey, agent, run, step, item, since, reason };
  return { ...live, uncertain: [...others, doubt] };
}

function isOf(doubt: Doubt, { base, ordinal }: Pick<Doubt, "base" | "ordinal">): boolean {
  return doubt.base === base && doubt.ordinal === ordinal;
}

function foldRunEnd(live: LiveProject, event: EventOf<"run-finished">): LiveProject {
  const openRuns = live.openRuns.filter((run) => run !== event.run);
  return event.goal === null
    ? { ...foldPipelineEnd(live, event), openRuns }
    : { ...live, openRuns, goals: foldGoal(live, event) };
}

/** A newer file for a path takes the place of the one that it was made from; what main held before stays known. */
function addPending(
  pending: LiveProject["pending"],
  added: LiveProject["pending"],
): LiveProject["pending"] {
  const replaced = new Set(added.map((file) => file.path));
  const rebased = added.map((file) => {
    const before = pending.find(({ path }) => path === file.path);
    return before !== undefined && before.blob === file.was ? { ...file, was: before.was } : file;
  });
  return [...pending.filter((file) => !replaced.has(file.path)), ...rebased];
}

function foldStats(
  stats: ReadonlyMap<string, AgentStats>,
  event: LedgerEvent,
): ReadonlyMap<string, AgentStats> {
  if (event.kind !== "step-finished" || event.ms === 0) return stats;
  const before = stats.get(event.agent) ?? { agent: event.agent, versions: {} };
  const sample = { micros: event.costMicros, ms: event.ms, ok: event.outcome === "succeeded" };
  const samples = [...(before.versions[event.version] ?? []), sample].slice(-SAMPLES_KEPT);
  return replace(stats, event.agent, {
    ...before,
    versions: { ...before.versions, [event.version]: samples },
  });
}

function replace<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
): ReadonlyMap<string, Value> {
  return map.get(key) === value ? map : new Map(map).set(key, value);
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
