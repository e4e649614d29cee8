/** Projects that are gone from main, and the guards against taking an accident for a wish. */
import type { Hold, ResourcePrune, RunFinish } from "./action.ts";
import { hasBegunEffect } from "./begun-effect.ts";
import { deedsOf } from "#runner/core/undo/left-standing.ts";
import type { Observed, OpenRun, Workspace } from "./model.ts";
import { shellWord } from "./shell-word.ts";

const GUARD_FROM = 8;
const GUARD_SHARE = 0.25;
export const REWRITTEN_HINT =
  "fettle accept-rewrite   takes main as it is; git reflog main   finds the old one";

export interface PrunePlan {
  readonly actions: readonly (ResourcePrune | RunFinish)[];
  readonly holds: readonly Hold[];
  /** Open runs of what is removed that are cancelled once it is known whether the effects that they have begun happened. */
  readonly settling: ReadonlySet<string>;
}

export const GONE = "its project is gone from main";
const NOTHING: PrunePlan = { actions: [], holds: [], settling: new Set() };

/** Cancels the open runs of a removed project, then forgets its state when no effect is in doubt; files on main stay as they are. */
export function planPrune(workspace: Workspace, observed: Observed): PrunePlan {
  const known = observed.summaries.workspace.projects;
  const gone = known.filter(
    (name) =>
      !workspace.projects.has(name) &&
      !workspace.invalid.has(name) &&
      !workspace.resting?.has(name) &&
      !isRenamed(workspace, name),
  );
  if (gone.length === 0) return NOTHING;
  const guard = guardAgainst(gone, known, observed) ?? guardRename(workspace, observed, gone);
  if (guard !== null) return { ...NOTHING, holds: [guard] };
  const removals = gone.map((name) => removal(observed, name));
  return {
    actions: removals.flatMap(({ actions }) => actions),
    holds: removals.flatMap(({ holds }) => holds),
    settling: new Set(removals.flatMap(({ settling }) => [...settling])),
  };
}

function isRenamed(workspace: Workspace, name: string): boolean {
  return [...workspace.projects.values()].some((project) =>
    (project.manifest.previousNames ?? []).includes(name),
  );
}

function guardAgainst(
  gone: readonly string[],
  known: readonly string[],
  observed: Observed,
): Hold | null {
  const list = gone.join(", ");
  if (observed.unreadable.length > 0) {
    const why = `${list} would be removed, but ${observed.unreadable[0]} cannot be read`;
    return hold("prune-guard", why, "mend the file first");
  }
  if (!observed.descends) {
    const why = `${list} would be removed, but main was rewritten: it does not contain what was applied last`;
    return hold("rewritten-history", why, REWRITTEN_HINT);
  }
  if (gone.length === known.length && known.length > 1) {
    return hold("prune-guard", "every project would be removed", "remove them one after another");
  }
  if (known.length >= GUARD_FROM && gone.length > known.length * GUARD_SHARE) {
    const why = `${gone.length} of ${known.length} projects would be removed at once`;
    return hold("prune-guard", why, "remove at most a quarter of them in one commit");
  }
  return null;
}

/** A project that was never valid may be the new name of the one that is gone. */
function guardRename(
  { invalid }: Workspace,
  { summaries }: Observed,
  gone: readonly string[],
): Hold | null {
  const unknown = [...invalid.keys()].find(
    (name) => summaries.projects.get(name)?.applied === undefined,
  );
  if (unknown === undefined) return null;
  const why = `${gone.join(", ")} would be removed, but ${unknown} is invalid and may be its new name`;
  return hold("prune-guard", why, "mend its files first");
}

/** Applying a version of the new main would make it the one that was applied last, and end the doubt. */
export function isInDoubt({ holds }: PrunePlan): boolean {
  return holds.some(({ reason }) => reason === "rewritten-history");
}

function hold(reason: "prune-guard" | "rewritten-history", why: string, unblock: string): Hold {
  return { project: null, subject: "workspace", reason, why, unblock, until: null };
}

function removal(observed: Observed, project: string): PrunePlan {
  const open = [...observed.runs.values()].filter(({ record }) => record.project === project);
  const settling = open.filter(hasBegunEffect);
  if (open.length > 0) {
    return {
      ...NOTHING,
      actions: open.filter((run) => !settling.includes(run)).map(cancelled),
      settling: new Set(settling.map(({ record }) => record.id)),
    };
  }
  const [doubt] = observed.summaries.projects.get(project)?.uncertain ?? [];
  if (doubt !== undefined) return { ...NOTHING, holds: [doubtHold(project, doubt.onceKey)] };
  const because = "its folder is gone from main";
  return { ...NOTHING, actions: [{ kind: "resource-prune", project, because }] };
}

/** What is forgotten can be answered never again. */
function doubtHold(project: string, onceKey: string): Hold {
  return {
    project,
    subject: "project",
    reason: "uncertain-effect",
    why: `its folder is gone from main, and nobody knows whether ${onceKey} happened`,
    unblock: `fettle answer ${shellWord(onceKey)} happened|did-not`,
    until: null,
  };
}

/** Nothing is undone without the project that says how. */
function cancelled(run: OpenRun): RunFinish {
  const { id, project } = run.record;
  const deeds = deedsOf(run);
  const left = `not undone: ${deeds.join(", ")} (once the project is back, fettle undo ${id})`;
  return {
    kind: "run-cancel",
    project,
    because: GONE,
    run: id,
    result: "cancelled",
    reason: deeds.length === 0 ? GONE : `${GONE}; ${left}`,
    outputs: {},
    serves: [],
    goal: null,
  };
}
