/** Desired state: the manifests of main, valid ones in their newest version, invalid ones in their last good one. */
import type { ProjectVersion, Summaries, Workspace } from "#runner/core/model.ts";
import type { Violation } from "#runner/schema/violation.ts";
import { violationsOf, type ManifestReader, type ManifestSet } from "./manifests.ts";
import { agentsUsed, assemble, versionAt } from "./project-version.ts";
import { crossCheck } from "./cross-check.ts";

export interface Loaded {
  /** null without a usable fettle.yaml, now or before. */
  readonly workspace: Workspace | null;
  readonly violations: readonly Violation[];
  /** Files that do not parse: they never count as deleted. */
  readonly unreadable: readonly string[];
}

export async function load(
  manifests: ManifestReader,
  commit: string,
  summaries: Summaries,
): Promise<Loaded> {
  const set = await manifests.readSet(commit);
  const violations = [...violationsOf(set), ...(await crossCheck(set))];
  const errors = violations.filter(({ severity }) => severity === "error");
  const unreadable = errors.filter(({ code }) => code.startsWith("yaml/")).map(({ file }) => file);
  const settings = await settingsOf(manifests, set, summaries);
  if (settings === null) return { workspace: null, violations, unreadable };
  const invalid = new Map<string, string>();
  const projects = new Map<string, ProjectVersion>();
  for (const source of set.projects.values()) {
    const error = errors.find((violation) => concerns(violation, source.name, set));
    const version = error === undefined ? assemble(commit, source, set.agents) : undefined;
    if (version !== undefined) {
      projects.set(source.name, version);
      continue;
    }
    invalid.set(source.name, error === undefined ? "an agent is missing" : sentence(error));
    const applied = summaries.projects.get(source.name)?.applied;
    const good =
      applied === undefined ? undefined : await versionAt(manifests, applied.commit, source.name);
    if (good !== undefined) projects.set(source.name, good);
  }
  return { workspace: { commit, settings, projects, invalid }, violations, unreadable };
}

/** The newest valid fettle.yaml: main's, else that of the last applied commit. */
async function settingsOf(
  manifests: ManifestReader,
  set: ManifestSet,
  summaries: Summaries,
): Promise<Workspace["settings"] | null> {
  if (set.workspace?.value !== null && set.workspace?.value !== undefined) return set.workspace.value;
  const { appliedCommit } = summaries.workspace;
  if (appliedCommit === null) return null;
  return (await manifests.settingsAt(appliedCommit))?.value ?? null;
}

/** An error stalls the project whose file it is in, and those that use the agent whose file it is in. */
function concerns(violation: Violation, project: string, set: ManifestSet): boolean {
  const { file } = violation;
  if (file.startsWith(`projects/${project}/`)) return true;
  const agent = /^agents\/([^/]+)\//.exec(file)?.[1];
  const source = set.projects.get(project);
  if (agent === undefined || source === undefined) return false;
  const pipelines = [...source.pipelines].flatMap(([name, { value }]) =>
    value === null ? [] : [[name, value] as const],
  );
  const manifest = source.project.value;
  return manifest !== null && agentsUsed(manifest, new Map(pipelines)).includes(agent);
}

function sentence({ file, line, col, message }: Violation): string {
  return `${file}:${line}:${col} ${message}`;
}
