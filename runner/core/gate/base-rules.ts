/** A workspace as somebody proposes it, by the rules that are in force: who decides, within which limits, is not for a proposal to say. */
import type { ProjectVersion, Workspace } from "#runner/core/model.ts";

interface Ruled extends Pick<Workspace, "settings"> {
  readonly projects: ReadonlyMap<string, Pick<ProjectVersion, "manifest">>;
}

/** A project that is new has the caps that it is proposed with: there are no others. */
export function withRulesOf(proposal: Workspace, base: Ruled): Workspace {
  const { policy: _, budget: __, attention: ___, ...own } = proposal.settings;
  const { policy, budget, attention, operators } = base.settings;
  const projects = [...proposal.projects].map(
    ([name, project]) => [name, withCapsOf(project, base.projects.get(name))] as const,
  );
  return {
    ...proposal,
    projects: new Map(projects),
    settings: {
      ...own,
      operators,
      ...(policy === undefined ? {} : { policy }),
      ...(budget === undefined ? {} : { budget }),
      ...(attention === undefined ? {} : { attention }),
    },
  };
}

function withCapsOf(
  project: ProjectVersion,
  base: Pick<ProjectVersion, "manifest"> | undefined,
): ProjectVersion {
  if (base === undefined) return project;
  const { budget: _, ...own } = project.manifest;
  const { budget } = base.manifest;
  return { ...project, manifest: { ...own, ...(budget === undefined ? {} : { budget }) } };
}
