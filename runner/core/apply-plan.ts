/** A version of a project that is new on main comes into force before anything of it starts. */
import { namedBefore } from "./earlier-names.ts";
import { entryOf } from "./entry.ts";
import type { Action, Hold } from "./action.ts";
import type { OpenRun } from "./model.ts";
import {
  NOTHING,
  openRunsIn,
  openRunsOf,
  type ProjectContext,
  type ProjectPlan,
} from "./project-context.ts";
import { askedBy, isStartRequest } from "./run-request.ts";

/** A project that was stalled is applied again even if it is back at the version in force. */
export function isApplied({ workspace, version, live }: ProjectContext): boolean {
  const isMended = live?.stalled !== undefined && !workspace.invalid.has(version.name);
  return live?.applied?.tree === version.digest && !isMended;
}

export function applyFirst(context: ProjectContext): ProjectPlan {
  const { version, observed, live } = context;
  const pipelines = [...version.pipelines].map(([name, pipeline]) => ({
    name,
    previousNames: pipeline.previousNames ?? [],
    watched: observed.watched.get(`${version.name}/${name}`)?.digest ?? null,
  }));
  const renamedFrom = projectBefore(context);
  const ofProject = renamedFrom === null ? [] : openRunsIn(context, renamedFrom);
  const busy = ofProject.length > 0 ? ofProject : busyUnderOldName(context);
  const asked = askedHolds(context);
  if (busy.length > 0) return { ...NOTHING, holds: [renameHold(version.name, busy), ...asked] };
  const earlier = namedBefore(version);
  const action: Action = {
    kind: "project-apply",
    project: version.name,
    because: live?.applied === undefined ? "it is new" : "its files changed",
    commit: version.commit,
    digest: version.digest,
    pipelines,
    goals: Object.keys(version.manifest.goals ?? {}),
    renamedFrom,
    ...(earlier === undefined ? {} : { earlier }),
  };
  return { ...NOTHING, actions: [action], holds: asked };
}

/** The name whose state this project takes over; null when it has its own, or there is none. */
function projectBefore({ version, observed, live }: ProjectContext): string | null {
  if (live?.applied !== undefined) return null;
  const known = observed.summaries.workspace.projects;
  return (version.manifest.previousNames ?? []).find((name) => known.includes(name)) ?? null;
}

/** Runs of a pipeline whose state would move to its new name. */
function busyUnderOldName(context: ProjectContext): readonly OpenRun[] {
  const { version, live } = context;
  const before = [...version.pipelines]
    .filter(([name]) => entryOf(live?.pipelines, name) === undefined)
    .flatMap(([, pipeline]) => pipeline.previousNames ?? []);
  return before.flatMap((name) => openRunsOf(context, name));
}

function renameHold(project: string, busy: readonly OpenRun[]): Hold {
  const runs = busy.map(({ record }) => record.id);
  const have = runs.length === 1 ? "has" : "have";
  return {
    project,
    subject: "project",
    reason: "dependency-not-ready",
    why: `its new version, with a new name, comes into force when ${runs.join(", ")} ${have} ended`,
    unblock: runs.map((run) => `fettle cancel ${run}`).join("; "),
    until: null,
  };
}

/** What was asked for is not forgotten meanwhile. */
function askedHolds({ version, observed }: ProjectContext): readonly Hold[] {
  const asked = observed.requests
    .filter(isStartRequest)
    .filter(({ project }) => project === version.name)
    .filter(({ kind, pipeline }) => kind === "undo" || version.pipelines.has(pipeline));
  return asked.map((request) => ({
    project: version.name,
    subject: `pipeline:${request.pipeline}`,
    reason: "dependency-not-ready",
    why: `${askedBy(request)}: it starts once the new version of ${version.name} is in force`,
    unblock: "",
    until: null,
  }));
}
