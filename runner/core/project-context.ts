/** What planning a project is told, and what it gives. */
import type { Action, Hold } from "./action.ts";
import type { Want } from "./want.ts";
import type { Observed, OpenRun, ProjectVersion, Workspace } from "./model.ts";
import type { LiveProject } from "#runner/schema/types.gen.ts";

export interface ProjectContext {
  readonly workspace: Workspace;
  readonly version: ProjectVersion;
  readonly live: LiveProject | undefined;
  readonly observed: Observed;
  readonly now: string;
}

export interface ProjectPlan {
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  /** Instants at which time alone changes this plan. */
  readonly wakes: readonly (string | null)[];
  readonly wants: readonly Want[];
  /** Open runs that another one takes the place of: they begin nothing any more. */
  readonly yielding: readonly string[];
}

export const NOTHING: ProjectPlan = { actions: [], holds: [], wakes: [], wants: [], yielding: [] };

export function openRunsIn({ observed }: ProjectContext, project: string): readonly OpenRun[] {
  return [...observed.runs.values()].filter(({ record }) => record.project === project);
}

/** Open runs of a pipeline of this project. */
export function openRunsOf(context: ProjectContext, pipeline: string): readonly OpenRun[] {
  return openRunsIn(context, context.version.name).filter(
    ({ record }) => record.pipeline === pipeline,
  );
}
