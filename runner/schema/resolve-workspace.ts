/** All files of a workspace → what is in force, what is wrong, and whom it stalls. */
import {
  checkWorkspace,
  type Manifested,
  type ManifestedProject,
  usersOf,
} from "#runner/core/check/check-workspace.ts";
import { locateFindings } from "./locate-findings.ts";
import { type ManifestResult, type Manifests, readManifest } from "./manifest.ts";
import { manifestAt, type ManifestKind, type ManifestPath } from "./paths.ts";
import { judgeShared, type SharedSchemas, withDefinitions } from "./shared-schema.ts";
import type { Agent, Pipeline, Project, Workspace } from "./types.gen.ts";
import { FIRST_CHARACTER, type Violation, type WorkspaceViolation } from "./violation.ts";

export interface WorkspaceSources {
  /** Every file of the tree, from its top. */
  readonly paths: readonly string[];
  /** Text of a file; asked for manifests and shared schemas only. */
  readonly textOf: (path: string) => string;
  /** Results that are kept by blob id; undefined where none is. */
  readonly known?: (path: string) => ManifestResult | undefined;
  /** Files whose check has found nothing before, on the same files. */
  readonly sound?: ReadonlySet<string>;
}

export interface ResolvedWorkspace {
  /** null: fettle.yaml is missing or invalid. */
  readonly settings: Workspace | null;
  /** Valid projects: whatever they use is valid too. */
  readonly projects: ReadonlyMap<string, ResolvedProject>;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly shared: SharedSchemas;
  /** By file, line and column. */
  readonly violations: readonly WorkspaceViolation[];
  /** Projects that are there and not valid, each with the first error that stalls it. */
  readonly stalled: ReadonlyMap<string, WorkspaceViolation>;
  /** Manifests that could not be read: never to be taken for deleted. */
  readonly unreadable: readonly string[];
}

interface ResolvedProject {
  readonly manifest: Project;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
}

/** Reads and checks everything; `violations` is empty when all is well. */
export function resolveWorkspace(sources: WorkspaceSources): ResolvedWorkspace {
  const files = readAll(sources);
  const shared = sharedSchemas(sources);
  const { sound } = sources;
  const known = sound === undefined ? {} : { sound };
  const workspace = { ...manifested(files, sources.paths, shared), ...known };
  const violations = [
    ...fileViolations(files, workspace, sources.paths),
    ...locateFindings(checkWorkspace(workspace), sources.textOf),
  ].toSorted(byPlace);
  const stalled = new Map<string, WorkspaceViolation>();
  for (const violation of violations) {
    for (const project of violation.stalls) {
      if (!stalled.has(project)) stalled.set(project, violation);
    }
  }
  return {
    settings: workspace.settings,
    projects: validProjects(workspace.projects, stalled),
    agents: new Map(
      [...workspace.agents].flatMap(([name, agent]) => (agent === null ? [] : [[name, agent]])),
    ),
    shared,
    violations,
    stalled,
    unreadable: files.filter(({ result }) => result.value === null).map(({ path }) => path),
  };
}

interface ManifestFile {
  readonly path: string;
  readonly place: ManifestPath;
  readonly result: ManifestResult;
}

function readAll(sources: WorkspaceSources): readonly ManifestFile[] {
  return sources.paths.flatMap((path) => {
    const place = manifestAt(path);
    if (place === undefined || place.kind === "misplaced") return [];
    const known = sources.known?.(path);
    return [{ path, place, result: known ?? readManifest(place.kind, path, sources.textOf(path)) }];
  });
}

function manifested(
  files: readonly ManifestFile[],
  paths: readonly string[],
  shared: SharedSchemas,
): Manifested {
  const pipelines = Map.groupBy(
    files.filter(({ place }) => place.kind === "pipeline"),
    ({ place }) => place.owner,
  );
  const projects = new Map<string, ManifestedProject>();
  for (const [name, manifest] of valuesOf(files, "project")) {
    projects.set(name, { manifest, pipelines: valuesOf(pipelines.get(name) ?? [], "pipeline") });
  }
  return {
    settings: valuesOf(files, "workspace").get("fettle") ?? null,
    projects,
    agents: valuesOf(files, "agent"),
    paths: new Set(paths),
    shared: withDefinitions(shared),
    wrongShared: judgeShared(shared),
  };
}

/** The manifests of one kind by name; the file's place decides what its value is. */
function valuesOf<Kind extends ManifestKind>(
  files: readonly ManifestFile[],
  kind: Kind,
): ReadonlyMap<string, Manifests[Kind] | null> {
  const isOfKind = (
    file: ManifestFile,
  ): file is ManifestFile & { readonly result: ManifestResult<Manifests[Kind]> } =>
    file.place.kind === kind;
  return new Map(files.filter(isOfKind).map(({ place, result }) => [place.name, result.value]));
}

function sharedSchemas({ paths, textOf }: WorkspaceSources): SharedSchemas {
  const files = paths.filter((path) => /^schemas\/[^/]+\.schema\.json$/.test(path));
  const schemas = files.flatMap((path) => {
    const schema = readJson(textOf(path));
    return schema === undefined ? [] : [[path.slice("schemas/".length), schema] as const];
  });
  return Object.fromEntries(schemas);
}

function readJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Violations of single files, and files that stand where nothing reads them. */
function fileViolations(
  files: readonly ManifestFile[],
  workspace: Manifested,
  paths: readonly string[],
): readonly WorkspaceViolation[] {
  const users = usersOf(workspace);
  const all = [...workspace.projects.keys()];
  const missing: WorkspaceViolation[] = paths.includes("fettle.yaml")
    ? []
    : [
        {
          ...atTop("fettle.yaml"),
          code: "path/workspace",
          message: "there is no fettle.yaml",
          hint: "fettle init makes one",
          stalls: all,
        },
      ];
  const stalls: { readonly [Kind in ManifestKind]: (place: ManifestPath) => readonly string[] } = {
    workspace: () => all,
    project: ({ name }) => [name],
    pipeline: ({ owner }) => (owner === null ? [] : [owner]),
    agent: ({ name }) => users.get(name) ?? [],
    contract: () => [],
    memory: () => [],
  };
  return [
    ...missing,
    ...files.flatMap(({ place, result }) =>
      result.violations.map((violation) => ({ ...violation, stalls: stalls[place.kind](place) })),
    ),
    ...paths.flatMap(misplaced),
    ...files.flatMap((file) => orphan(file, workspace)),
  ];
}

function misplaced(path: string): readonly WorkspaceViolation[] {
  const place = manifestAt(path);
  if (place?.kind !== "misplaced") return [];
  const { message, hint } = place;
  return [{ ...atTop(path), code: "path/name", message, hint, stalls: [] }];
}

function orphan(
  { path, place }: ManifestFile,
  { projects }: Manifested,
): readonly WorkspaceViolation[] {
  if (place.kind !== "pipeline" || place.owner === null || projects.has(place.owner)) return [];
  const message = `projects/${place.owner} has pipelines and no project.yaml`;
  return [{ ...atTop(path), code: "path/project", message, hint: "", stalls: [] }];
}

function atTop(
  file: string,
): Pick<Violation, "severity" | "file" | "line" | "col" | "endLine" | "endCol"> {
  return { severity: "error", file, ...FIRST_CHARACTER };
}

function validProjects(
  projects: Manifested["projects"],
  stalled: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, ResolvedProject> {
  const valid = [...projects].flatMap(([name, { manifest, pipelines }]) => {
    if (manifest === null || stalled.has(name)) return [];
    const own = [...pipelines].flatMap(([key, one]) => (one === null ? [] : [[key, one] as const]));
    return [[name, { manifest, pipelines: new Map(own) }] as const];
  });
  return new Map(valid);
}

function byPlace(left: Violation, right: Violation): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.col - right.col;
}
