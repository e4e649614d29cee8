/** Manifests of a commit: parsed once per blob, whatever commit they stand in. */
import { shortDigest } from "#runner/core/identifier.ts";
import type { Cache } from "#runner/repo/cache.ts";
import type { TreeEntry } from "#runner/repo/git-object.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { readManifest, type ManifestResult, type Manifests } from "#runner/schema/manifest.ts";
import { isName } from "#runner/schema/paths.ts";
import { VERSION } from "#runner/version.ts";

/** A manifest with where it stands. */
export interface Source<Value = unknown> extends ManifestResult<Value> {
  readonly path: string;
  readonly blob: string;
}

export interface AgentSource extends Source<Manifests["agent"]> {
  readonly name: string;
  readonly tree: string;
  /** Files of the agent's folder, relative to it. */
  readonly files: readonly string[];
}

export interface ProjectSource {
  readonly name: string;
  readonly tree: string;
  readonly project: Source<Manifests["project"]>;
  readonly pipelines: ReadonlyMap<string, Source<Manifests["pipeline"]>>;
}

/** Every manifest of one commit. */
export interface ManifestSet {
  readonly commit: string;
  readonly workspace: Source<Manifests["workspace"]> | undefined;
  readonly projects: ReadonlyMap<string, ProjectSource>;
  readonly agents: ReadonlyMap<string, AgentSource>;
}

/** A tree or blob with the name that it gives. */
type Named = Pick<TreeEntry, "name" | "oid">;

/** Every file of the set. */
export function sourcesOf(set: ManifestSet): readonly Source[] {
  return [
    ...(set.workspace === undefined ? [] : [set.workspace]),
    ...[...set.projects.values()].flatMap(({ project, pipelines }) => [
      project,
      ...pipelines.values(),
    ]),
    ...set.agents.values(),
  ];
}

type Kind = "workspace" | "project" | "pipeline" | "agent";

type Known = {
  readonly [K in Kind]: Map<string, Promise<ManifestResult<Manifests[K]>>>;
};

/** Reads manifests through a memory that outlives a commit; the disk cache outlives the process. */
export class ManifestReader {
  readonly reader: ObjectReader;
  readonly #cache: Cache | undefined;
  readonly #known: Known = {
    workspace: new Map(),
    project: new Map(),
    pipeline: new Map(),
    agent: new Map(),
  };

  constructor(reader: ObjectReader, cache: Cache | undefined) {
    this.reader = reader;
    this.#cache = cache;
  }

  /** Every manifest of the commit but those of the projects in `resting`. */
  async readSet(commit: string, resting: Pick<ReadonlySet<string>, "has">): Promise<ManifestSet> {
    const [workspace, projects, agents] = await Promise.all([
      this.#readWorkspace(commit),
      this.#folders(`${commit}:projects`),
      this.#folders(`${commit}:agents`),
    ]);
    const [readProjects, readAgents] = await Promise.all([
      Promise.all(
        projects.filter(({ name }) => !resting.has(name)).map((entry) => this.readProject(entry)),
      ),
      Promise.all(agents.map((entry) => this.readAgent(entry))),
    ]);
    return {
      commit,
      workspace,
      projects: byName(readProjects),
      agents: byName(readAgents),
    };
  }

  async projectAt(commit: string, name: string): Promise<ProjectSource | undefined> {
    const oid = await this.reader.treeAtPath(commit, `projects/${name}`);
    return oid === undefined ? undefined : this.readProject({ name, oid });
  }

  async agentAt(commit: string, name: string): Promise<AgentSource | undefined> {
    const oid = await this.reader.treeAtPath(commit, `agents/${name}`);
    return oid === undefined ? undefined : this.readAgent({ name, oid });
  }

  async settingsAt(commit: string): Promise<Source<Manifests["workspace"]> | undefined> {
    return this.#readWorkspace(commit);
  }

  /** undefined when the folder holds no project.yaml. */
  async readProject({ name, oid }: Named): Promise<ProjectSource | undefined> {
    const entries = (await this.reader.readTree(oid)) ?? [];
    const file = entries.find((entry) => entry.name === "project.yaml");
    if (file === undefined) return undefined;
    const folder = `projects/${name}`;
    const pipelinesTree = entries.find(
      (entry) => entry.name === "pipelines" && entry.kind === "folder",
    );
    const pipelineFiles = await this.#yamlFiles(pipelinesTree?.oid);
    const pipelines = await Promise.all(
      pipelineFiles.map(async ({ name: own, oid: blob }) => {
        return [
          own,
          await this.#read("pipeline", `${folder}/pipelines/${own}.yaml`, blob),
        ] as const;
      }),
    );
    const project = await this.#read("project", `${folder}/project.yaml`, file.oid);
    return { name, tree: oid, project, pipelines: new Map(pipelines) };
  }

  /** undefined when the folder holds no agent.yaml. */
  async readAgent({ name, oid }: Named): Promise<AgentSource | undefined> {
    const entries = (await this.reader.readTree(oid)) ?? [];
    const file = entries.find((entry) => entry.name === "agent.yaml");
    if (file === undefined) return undefined;
    const source = await this.#read("agent", `agents/${name}/agent.yaml`, file.oid);
    const files = entries.filter(({ kind }) => kind !== "folder").map((entry) => entry.name);
    return { ...source, name, tree: oid, files };
  }

  async #readWorkspace(commit: string): Promise<Source<Manifests["workspace"]> | undefined> {
    const file = await this.reader.resolve(`${commit}:fettle.yaml`);
    return file === undefined ? undefined : this.#read("workspace", "fettle.yaml", file.oid);
  }

  /** What cannot be a name is a violation, told by the check of the whole workspace, and is not read. */
  async #folders(tree: string): Promise<readonly Named[]> {
    const entries = (await this.reader.readTree(tree)) ?? [];
    return entries.filter(({ kind, name }) => kind === "folder" && isName(name));
  }

  async #yamlFiles(tree: string | undefined): Promise<readonly Named[]> {
    const entries = tree === undefined ? [] : ((await this.reader.readTree(tree)) ?? []);
    return entries.flatMap(({ kind, name, oid }) => {
      const own = name.replace(/\.yaml$/, "");
      return kind !== "folder" && own !== name && isName(own) ? [{ name: own, oid }] : [];
    });
  }

  async #read<K extends Kind>(kind: K, path: string, blob: string): Promise<Source<Manifests[K]>> {
    const key = `manifest-${shortDigest({ kind, path, blob, VERSION }, 32)}`;
    const known: Known[K] = this.#known[kind];
    const result = known.get(key) ?? this.#parse(kind, { path, blob, key });
    known.set(key, result);
    return { ...(await result), path, blob };
  }

  async #parse<K extends Kind>(
    kind: K,
    { path, blob, key }: { readonly path: string; readonly blob: string; readonly key: string },
  ): Promise<ManifestResult<Manifests[K]>> {
    const cached = await this.#cache?.get(key);
    if (isKept<Manifests[K]>(cached, key)) return { value: cached.value, violations: [] };
    const content = await this.reader.expectBlob(blob, path);
    const result = readManifest(kind, path, content.toString("utf8"));
    if (result.value !== null) await this.#cache?.put(key, { key, value: result.value });
    return result;
  }
}

/** Written by this program alone, after it was validated, under a key that names version, kind and content. */
interface Kept<Value> {
  readonly key: string;
  readonly value: Value;
}

function isKept<Value>(cached: unknown, key: string): cached is Kept<Value> {
  return typeof cached === "object" && cached !== null && "key" in cached && cached.key === key;
}

function byName<Value extends { readonly name: string }>(
  list: readonly (Value | undefined)[],
): ReadonlyMap<string, Value> {
  return new Map(list.flatMap((item) => (item === undefined ? [] : [[item.name, item]])));
}
