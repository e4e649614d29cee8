/** Desired state: the manifests of main, valid ones in their newest version, invalid ones in their last good one. */
import type { ProjectVersion, Summaries, Workspace } from "#runner/core/model.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";
import type { Cache } from "#runner/repo/cache.ts";
import { manifestAt } from "#runner/schema/paths.ts";
import { resolveWorkspace, type ResolvedWorkspace } from "#runner/schema/resolve-workspace.ts";
import type { Violation } from "#runner/schema/violation.ts";
import { sourcesOf, type ManifestReader, type ManifestSet } from "./manifests.ts";
import { assemble, versionAt } from "./project-version.ts";
import { sharedIds } from "./resting.ts";
import { checkKeys, keepSound, soundFiles } from "./sound-files.ts";

export interface Loaded {
  /** null without a usable fettle.yaml, now or before. */
  readonly workspace: Workspace | null;
  readonly violations: readonly Violation[];
  /** Files that do not parse: they never count as deleted. */
  readonly unreadable: readonly string[];
}

export interface LoadedFrom {
  readonly commit: string;
  /** Projects that are not read. */
  readonly resting: Resting;
  /** Where it is kept what was checked before; without it everything is checked. */
  readonly cache?: Cache;
}

/** Contents of fettle.yaml that are looked at for a valid one. */
const MOST_TRIED = 100;

type Resting = NonNullable<Workspace["resting"]>;

export async function load(
  manifests: ManifestReader,
  from: LoadedFrom,
  summaries: Summaries,
): Promise<Loaded> {
  const { commit, resting } = from;
  const set = await manifests.readSet(commit, resting);
  const resolved = await resolve(manifests.reader, set, from);
  const { violations, unreadable, shared } = resolved;
  const { appliedCommit } = summaries.workspace;
  const settings = await settingsOf(manifests, set, { commit, applied: appliedCommit });
  if (settings === null) return { workspace: null, violations, unreadable };
  const invalid = new Map<string, string>();
  const projects = new Map<string, ProjectVersion>();
  for (const source of set.projects.values()) {
    const error = resolved.stalled.get(source.name);
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
  return {
    workspace: { commit, settings, projects, invalid, resting, schemas: shared },
    violations,
    unreadable,
  };
}

/** The same checks as `fettle validate`, on the files of a commit. */
async function resolve(
  reader: ObjectReader,
  set: ManifestSet,
  { commit, resting, cache }: LoadedFrom,
): Promise<ResolvedWorkspace> {
  const files = await manifestFiles(reader, commit, resting);
  const sources = new Map(sourcesOf(set).map((source) => [source.path, source]));
  const paths = [...files.keys()].filter((path) => manifestAt(path)?.kind !== "contract");
  const texts = new Map<string, string>();
  const isRead = (path: string): boolean => sources.has(path) || path.startsWith("schemas/");
  await Promise.all(
    paths.filter(isRead).map(async (path) => {
      const blob = await reader.expectBlob(files.get(path) ?? "", path);
      texts.set(path, blob.toString("utf8"));
    }),
  );
  const checked = {
    paths,
    textOf: (path: string) => texts.get(path) ?? "",
    known: (path: string) => sources.get(path),
  };
  if (cache === undefined) return resolveWorkspace(checked);
  const keys = checkKeys(set, await sharedIds(reader, commit));
  const sound = await soundFiles(cache, keys);
  const resolved = resolveWorkspace({ ...checked, sound });
  const troubled = resolved.violations.map(({ file }) => file);
  await keepSound(cache, keys, { sound, troubled });
  return resolved;
}

/** Path to blob id of all files that manifests stand among; nothing of memory, nor of projects that rest. */
async function manifestFiles(
  reader: ObjectReader,
  commit: string,
  resting: Resting,
): Promise<ReadonlyMap<string, string>> {
  const top = (await reader.readTree(commit)) ?? [];
  const files = top.filter(isRegular);
  const found = new Map(files.map(({ name, oid }) => [name, oid]));
  const projects = (await reader.readTree(`${commit}:projects`)) ?? [];
  const awake = projects.filter(({ kind, name }) => kind === "folder" && !resting.has(name));
  const folders = ["agents", "schemas", ...awake.map(({ name }) => `projects/${name}`)];
  const listed = await Promise.all(
    folders.map(async (folder) => [folder, await listTree(reader, `${commit}:${folder}`)] as const),
  );
  for (const [folder, below] of listed) {
    for (const { path, oid } of below.filter(isRegular)) found.set(`${folder}/${path}`, oid);
  }
  return found;
}

/** The newest valid fettle.yaml of main's own line: limits, operators and stops that were in force stay in force. */
async function settingsOf(
  manifests: ManifestReader,
  set: ManifestSet,
  since: { readonly commit: string; readonly applied: string | null },
): Promise<Workspace["settings"] | null> {
  const newest = set.workspace?.value ?? (await earlierSettings(manifests, since));
  if (newest !== null || since.applied === null) return newest;
  return (await manifests.settingsAt(since.applied))?.value ?? null;
}

/** What stood there between the last applied commit and this one; each content is read once. */
async function earlierSettings(
  manifests: ManifestReader,
  { commit, applied }: { readonly commit: string; readonly applied: string | null },
): Promise<Workspace["settings"] | null> {
  const { reader } = manifests;
  const tried = new Set<string | undefined>();
  let at: string | undefined = commit;
  while (at !== undefined && at !== applied && tried.size < MOST_TRIED) {
    const oid = (await reader.resolve(`${at}:fettle.yaml`))?.oid;
    const settings = tried.has(oid) ? undefined : await manifests.settingsAt(at);
    if (settings?.value) return settings.value;
    tried.add(oid);
    at = (await reader.readCommit(at))?.parents[0];
  }
  return null;
}

function sentence({ file, line, col, message }: Violation): string {
  return `${file}:${line}:${col} ${message}`;
}
