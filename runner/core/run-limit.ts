/** Caps on runs per hour: what would start beyond them waits for the next hour. */
import type { Action, Hold, RunStart } from "./action.ts";
import { hourOf, nextHour } from "#runner/core/time/instant.ts";
import type { Observed, Workspace } from "./model.ts";
import type { Budget } from "#runner/schema/types.gen.ts";

export interface Admitted {
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
}

interface Facts {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly now: string;
}

interface Limit {
  readonly scope: string;
  readonly file: string;
  readonly runs: number;
  readonly counts: (pipeline: string) => boolean;
}

/** The actions without the starts that are too many; measurements of goals have a rhythm of their own. */
export function admitRuns(facts: Facts, planned: readonly Action[]): Admitted {
  const actions: Action[] = [];
  const holds: Hold[] = [];
  const starts: RunStart[] = [];
  for (const action of planned) {
    if (action.kind !== "run-start") {
      actions.push(action);
      continue;
    }
    const full = fullLimit(facts, action, starts);
    if (full !== undefined) holds.push(holdOf(facts, action, full));
    else {
      actions.push(action);
      starts.push(action);
    }
  }
  return { actions, holds };
}

interface Full extends Limit {
  /** Runs of this hour, with those that this plan starts. */
  readonly started: number;
}

function fullLimit(facts: Facts, start: RunStart, chosen: readonly RunStart[]): Full | undefined {
  const { project, pipeline } = start.run;
  const limits = limitsOf(facts.workspace, project, pipeline);
  const counted = limits.map((limit) => {
    const beside = chosen.filter(
      ({ run }) => run.project === project && limit.counts(run.pipeline),
    ).length;
    return { ...limit, started: startedIn(facts, project, limit.counts) + beside };
  });
  return counted.find(({ runs, started }) => started >= runs);
}

function startedIn({ observed, now }: Facts, project: string, counts: Limit["counts"]): number {
  const pipelines = Object.entries(observed.summaries.projects.get(project)?.pipelines ?? {});
  return pipelines
    .filter(([name, { hour }]) => counts(name) && hour?.hour === hourOf(now))
    .reduce((sum, [, { hour }]) => sum + (hour?.runs ?? 0), 0);
}

function limitsOf(workspace: Workspace, project: string, pipeline: string): readonly Limit[] {
  const version = workspace.projects.get(project);
  const own = version?.pipelines.get(pipeline);
  const folder = `projects/${project}`;
  return [
    ...capped(own?.budget).map((runs) => ({
      scope: `pipeline ${pipeline}`,
      file: `${folder}/pipelines/${pipeline}.yaml`,
      runs,
      counts: (name: string) => name === pipeline,
    })),
    ...capped(version?.manifest.budget).map((runs) => ({
      scope: `project ${project}`,
      file: `${folder}/project.yaml`,
      runs,
      counts: () => true,
    })),
  ];
}

function capped(budget: readonly Budget[] | undefined): readonly number[] {
  return (budget ?? []).flatMap(({ per, runs }) => (per === "hour" ? (runs ?? []) : []));
}

function holdOf({ now }: Facts, { run }: RunStart, { scope, file, runs, started }: Full): Hold {
  const { project, pipeline } = run;
  return {
    project,
    subject: `pipeline:${pipeline}`,
    reason: "budget-exceeded",
    why: `${scope} starts ${runs} ${runs === 1 ? "run" : "runs"} per hour, and has started ${started} in this one`,
    unblock: `wait for the next hour, or raise runs in the budget of ${file}`,
    until: nextHour(now),
  };
}
