/** Everything that manifests say about each other. A project with its agents is valid or not on its own. */
import { checkAgent } from "./check-agent.ts";
import { checkBudget } from "./check-budget.ts";
import { type Finding, placed } from "./check-finding.ts";
import { checkGoal } from "./check-goal.ts";
import { agentNames, agentsOf, checkPipeline } from "./check-pipeline.ts";
import { checkRenames } from "./check-rename.ts";
import type { AgentTypes, SharedTypes } from "./check-scope.ts";
import { checkSettings } from "./check-settings.ts";
import { checkWindowNames } from "./check-window.ts";
import { checkOverlaps } from "./check-writes.ts";
import type { Agent, Pipeline, Project, Workspace } from "#runner/schema/types.gen.ts";

/** Manifests by name; null where the file is there and invalid, so that nobody is told that it is missing. */
export interface Manifested {
  readonly settings: Workspace | null;
  readonly projects: ReadonlyMap<string, ManifestedProject>;
  readonly agents: ReadonlyMap<string, Agent | null>;
  /** Paths of all files, or at least of those below agents/. */
  readonly paths: ReadonlySet<string>;
  /** Schemas of schemas/ that agents refer to, by file name. */
  readonly shared: SharedTypes;
  /** Why a file of schemas/ is no schema; undefined when it is one. */
  readonly wrongShared: (file: string) => string | undefined;
  /** Files in which the same check of the same files has found nothing before. */
  readonly sound?: ReadonlySet<string>;
}

export interface ManifestedProject {
  readonly manifest: Project | null;
  readonly pipelines: ReadonlyMap<string, Pipeline | null>;
}

/** All findings, file by file; each names the projects that it stalls. */
export function checkWorkspace(workspace: Manifested): readonly Finding[] {
  const { settings, agents, projects, sound } = workspace;
  const users = usersOf(workspace);
  const agentRenames = checkRenames("agent", agents);
  const projectRenames = checkRenames(
    "project",
    new Map([...projects].map(([name, { manifest }]) => [name, manifest])),
  );
  return [
    ...placed(
      settings === null || sound?.has("fettle.yaml") ? [] : checkSettings(settings, agents),
      "fettle.yaml",
      [...projects.keys()],
    ),
    // Of projects that rest nothing is read, and nobody knows their names here.
    ...placed(
      settings === null || sound !== undefined ? [] : checkWindowNames(settings, projects),
      "fettle.yaml",
      [],
    ),
    ...[...agents].flatMap(([name, agent]) =>
      placed(
        [
          ...(agent === null || sound?.has(agentFile(name))
            ? []
            : checkAgent(name, agent, workspace)),
          ...(agentRenames.get(name) ?? []),
        ],
        agentFile(name),
        users.get(name) ?? [],
      ),
    ),
    ...[...projects].flatMap(([name, project]) => [
      ...placed(projectRenames.get(name) ?? [], `projects/${name}/project.yaml`, [name]),
      ...checkProject(name, project, workspace),
    ]),
  ];
}

/** Projects by the agents that they use. */
export function usersOf({
  projects,
}: Pick<Manifested, "projects">): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const [project, { manifest, pipelines }] of projects) {
    const metrics = Object.values(manifest?.goals ?? {}).map(({ metric }) => metric.agent);
    const steps = [...pipelines.values()].flatMap((one) => (one === null ? [] : agentNames(one)));
    for (const agent of new Set([...metrics, ...steps])) {
      const known = users.get(agent);
      if (known === undefined) users.set(agent, [project]);
      else known.push(project);
    }
  }
  return users;
}

function checkProject(
  name: string,
  project: ManifestedProject,
  { settings, agents, shared, sound }: Manifested,
): readonly Finding[] {
  const { manifest, pipelines } = project;
  const types: AgentTypes = { agents, pipelines, shared };
  const ownGoals = manifest === null ? null : (manifest.goals ?? {});
  const valid = new Map(
    [...pipelines].flatMap(([key, one]) => (one === null ? [] : [[key, one] as const])),
  );
  const goals = Object.entries(manifest?.goals ?? {}).flatMap(([goal, one]) =>
    checkGoal(goal, one, { pipelines, types }),
  );
  const spenders = [...valid.values()].flatMap((pipeline) => agentsOf(pipeline, types));
  const renames = checkRenames("pipeline", pipelines);
  const overlaps = checkOverlaps(name, valid, agents);
  return [
    ...placed(
      [...goals, ...checkBudget(manifest?.budget, spenders)],
      `projects/${name}/project.yaml`,
      [name],
    ),
    ...[...valid].flatMap(([key, pipeline]) =>
      placed(
        [
          ...(sound?.has(pipelineFile(name, key))
            ? []
            : checkPipeline(key, pipeline, { settings, goals: ownGoals, types })),
          ...overlaps.filter((overlap) => overlap.pipeline === key).map(({ found }) => found),
          ...(renames.get(key) ?? []),
        ],
        pipelineFile(name, key),
        [name],
      ),
    ),
  ];
}

function agentFile(name: string): string {
  return `agents/${name}/agent.yaml`;
}

function pipelineFile(project: string, name: string): string {
  return `projects/${project}/pipelines/${name}.yaml`;
}
