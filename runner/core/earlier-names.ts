/** Names under which effects are recorded and items were handled: those that files name, and those that once were named. */
import { entryOf } from "./entry.ts";
import type { AgentVersion, Observed, ProjectVersion, Workspace } from "./model.ts";
import type { EarlierNames } from "#runner/schema/types.gen.ts";

/** What the files of a version say; undefined where nothing has an earlier name. */
export function namedBefore({ manifest, agents }: ProjectVersion): EarlierNames | undefined {
  const ofAgents = [...agents].flatMap(([name, agent]) => {
    const { previousNames = [] } = agent.manifest;
    return previousNames.length === 0 ? [] : [[name, previousNames] as const];
  });
  const project = manifest.previousNames ?? [];
  if (project.length === 0 && ofAgents.length === 0) return undefined;
  return { project, agents: Object.fromEntries(ofAgents) };
}

/** What was remembered with what a new version says; undefined where both are empty. */
export function rememberNames(
  before: EarlierNames | undefined,
  named: EarlierNames | undefined,
  renamedFrom: string | null,
): EarlierNames | undefined {
  const known = before ?? NO_NAMES;
  const added = named ?? NO_NAMES;
  const from = renamedFrom === null ? [] : [renamedFrom];
  const project = unique([...known.project, ...added.project, ...from]);
  const agents = byAgent(known.agents, added.agents);
  return project.length === 0 && Object.keys(agents).length === 0 ? undefined : { project, agents };
}

const NO_NAMES: EarlierNames = { project: [], agents: {} };

function byAgent(
  known: EarlierNames["agents"],
  named: EarlierNames["agents"],
): EarlierNames["agents"] {
  const added = Object.entries(named).map(([name, names]) => {
    const theirs = names.flatMap((earlier) => entryOf(known, earlier) ?? []);
    return [name, unique([...(entryOf(known, name) ?? []), ...names, ...theirs])] as const;
  });
  return { ...known, ...Object.fromEntries(added) };
}

interface Facts {
  readonly workspace: Workspace;
  readonly observed: Observed;
}

/** The name of a project today, and those that it had. */
export function projectNames({ workspace, observed }: Facts, project: string): readonly string[] {
  const named = workspace.projects.get(project)?.manifest.previousNames ?? [];
  const remembered = observed.summaries.projects.get(project)?.earlier?.project ?? [];
  return unique([project, ...named, ...remembered]);
}

/** The same of an agent that the project uses. */
export function agentNames(
  { observed }: Pick<Facts, "observed">,
  project: string,
  { name, manifest }: Pick<AgentVersion, "name" | "manifest">,
): readonly string[] {
  const remembered = observed.summaries.projects.get(project)?.earlier?.agents ?? {};
  return unique([name, ...(manifest.previousNames ?? []), ...(entryOf(remembered, name) ?? [])]);
}

/** The same of a pipeline; a run that is older than a rename asks for it by the name of then. */
export function pipelineNames(
  { workspace, observed }: Facts,
  project: string,
  asked: { readonly name: string; readonly previousNames?: readonly string[] },
): readonly string[] {
  const { name, previousNames = [] } = asked;
  const today = [...(workspace.projects.get(project)?.pipelines ?? [])];
  const renamed = today.filter(([, found]) => found.previousNames?.includes(name));
  const states = Object.entries(observed.summaries.projects.get(project)?.pipelines ?? {});
  const remembered = states.filter(
    ([known, state]) => known === name || state.previousNames?.includes(name),
  );
  return unique([
    name,
    ...previousNames,
    ...renamed.map(([known]) => known),
    ...remembered.flatMap(([known, state]) => [known, ...(state.previousNames ?? [])]),
  ]);
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
