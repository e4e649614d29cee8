/** A project with its agents at one commit. */
import { agentName } from "#runner/core/agent-reference.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import type { AgentVersion, ProjectVersion } from "#runner/core/model.ts";
import { stepsOf } from "#runner/core/step-graph.ts";
import { agentsNamedIn } from "#runner/core/undo/undo-step.ts";
import { isDamage } from "#runner/repo/damage.ts";
import type { Pipeline, Project } from "#runner/schema/types.gen.ts";
import type { AgentSource, ManifestReader, ProjectSource } from "./manifests.ts";

/** undefined when one of its files is invalid or an agent is missing. */
export function assemble(
  commit: string,
  source: ProjectSource,
  agents: ReadonlyMap<string, AgentSource>,
): ProjectVersion | undefined {
  const manifest = source.project.value;
  const pipelines = new Map<string, Pipeline>();
  for (const [name, pipeline] of source.pipelines) {
    if (pipeline.value === null) return undefined;
    pipelines.set(name, pipeline.value);
  }
  if (manifest === null) return undefined;
  const used = new Map<string, AgentVersion>();
  for (const name of agentsUsed(manifest, pipelines)) {
    const agent = agents.get(name);
    if (agent === undefined || agent.value === null) return undefined;
    used.set(name, { name, tree: agent.tree, manifest: agent.value });
  }
  return {
    name: source.name,
    commit,
    digest: digestOf({
      project: source.project.blob,
      pipelines: Object.fromEntries([...source.pipelines].map(([name, { blob }]) => [name, blob])),
      agents: Object.fromEntries([...used].map(([name, { tree }]) => [name, tree])),
    }),
    manifest,
    pipelines,
    agents: used,
  };
}

/** Names of the agents that a project's pipelines and goals use, sorted. */
function agentsUsed(project: Project, pipelines: ReadonlyMap<string, Pipeline>): readonly string[] {
  const bySteps = [...pipelines.values()].flatMap((pipeline) =>
    stepsOf(pipeline).flatMap((step) => agentsNamedIn(step).map(agentName)),
  );
  const byGoals = Object.values(project.goals ?? {}).map(({ metric }) => metric.agent);
  return [...new Set([...bySteps, ...byGoals])].toSorted();
}

/** The project as it was at a commit; undefined when it was not there or not valid, or the commit is not in this clone. */
export async function versionAt(
  manifests: ManifestReader,
  commit: string,
  project: string,
): Promise<ProjectVersion | undefined> {
  if (!(await isHere(manifests, commit))) return undefined;
  const source = await manifests.projectAt(commit, project);
  if (source === undefined) return undefined;
  const manifest = source.project.value;
  const pipelines = [...source.pipelines].flatMap(([name, { value }]) =>
    value === null ? [] : [[name, value] as const],
  );
  if (manifest === null) return undefined;
  const names = agentsUsed(manifest, new Map(pipelines));
  const agents = await Promise.all(names.map((name) => manifests.agentAt(commit, name)));
  const found = agents.filter((agent) => agent !== undefined);
  return assemble(commit, source, new Map(found.map((agent) => [agent.name, agent])));
}

/** A commit of before a rewrite may have come with no clone since. */
async function isHere({ reader }: ManifestReader, commit: string): Promise<boolean> {
  try {
    return (await reader.resolve(commit)) !== undefined;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}
