/** Which projects need no look: a file of the cache says what each depended on when its plan was found empty. */
import type { Workspace } from "#runner/core/model.ts";
import { restingProjects } from "#runner/core/rest.ts";
import type { Cache } from "#runner/repo/cache.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { VERSION } from "#runner/version.ts";
import type { View } from "./engine.ts";
import { readRequests, stateAt } from "./state-files.ts";

/** Ids of everything that the plans of projects without open work are made from. */
interface Marks {
  /** What all projects depend on: settings, agents, shared schemas, and the program where it stands beside them. */
  readonly shared: string;
  /** Tree of `projects/<name>` on main. */
  readonly trees: ReadonlyMap<string, string>;
  /** Blob of `live/<name>.json` on state. */
  readonly lives: ReadonlyMap<string, string>;
}

interface Rest {
  readonly tree: string;
  readonly live: string;
  /** When its plan was made, and the instant at which it may change. */
  readonly since: string;
  readonly wake: string | null;
}

interface RestFile {
  readonly shared: string;
  readonly projects: Readonly<Record<string, Rest>>;
}

export type Resting = NonNullable<Workspace["resting"]>;

export const NONE: Resting = new Map();

/** One moment of a repository. */
export interface Moment {
  readonly commit: string;
  readonly tip: string | null;
  readonly now: string;
}

const KEY = `resting-${VERSION.replaceAll(".", "-")}`;
const SHARED = ["fettle.yaml", "agents", "schemas", "runner"];

/** Projects whose marks are those of the file and whose time has not come. */
export async function readResting(
  cache: Cache,
  reader: ObjectReader,
  moment: Moment,
): Promise<Resting> {
  const file = await readFile(cache);
  if (file === undefined || moment.tip === null) return NONE;
  const marks = await readMarks(reader, moment);
  if (marks.shared !== file.shared) return NONE;
  const asked = await askedFor(reader, moment.tip);
  const resting = Object.entries(file.projects).filter(
    ([name, rest]) => holds(rest, marks, name) && isNow(rest, moment.now) && !asked.has(name),
  );
  return new Map(resting.map(([name, { wake }]) => [name, wake]));
}

function holds(rest: Rest, marks: Marks, name: string): boolean {
  return rest.tree === marks.trees.get(name) && rest.live === marks.lives.get(name);
}

function isNow({ since, wake }: Rest, now: string): boolean {
  return since <= now && (wake === null || now < wake);
}

/** Projects that a request names. */
async function askedFor(reader: ObjectReader, tip: string): Promise<ReadonlySet<string>> {
  const requests = await readRequests(stateAt(reader, tip));
  return new Set(requests.flatMap((request) => ("project" in request ? [request.project] : [])));
}

/** Remembers which projects rest after a tick; `troubled` files have violations, warnings among them. */
export async function writeResting(
  { cache, reader }: { readonly cache: Cache; readonly reader: ObjectReader },
  { workspace, observed }: View,
  { now, troubled }: { readonly now: string; readonly troubled: readonly string[] },
): Promise<void> {
  const marks = await readMarks(reader, { commit: workspace.commit, tip: observed.tip });
  const before = await readFile(cache);
  const kept = [...(workspace.resting?.keys() ?? [])].map((name) => [name, before?.projects[name]]);
  const added = [...restingProjects(workspace, observed, now)]
    .filter(([name]) => !troubled.some((path) => path.startsWith(`projects/${name}/`)))
    .map(([name, wake]) => [name, restOf(marks, name, { since: now, wake })]);
  const projects = Object.fromEntries([...kept, ...added].filter(([, rest]) => rest !== undefined));
  const file: RestFile = { shared: marks.shared, projects };
  if (JSON.stringify(file) !== JSON.stringify(before)) await cache.put(KEY, file);
}

function restOf(
  { trees, lives }: Marks,
  name: string,
  times: Pick<Rest, "since" | "wake">,
): Rest | undefined {
  const [tree, live] = [trees.get(name), lives.get(name)];
  return tree === undefined || live === undefined ? undefined : { tree, live, ...times };
}

async function readFile(cache: Cache): Promise<RestFile | undefined> {
  const value = await cache.get(KEY);
  return isRestFile(value) ? value : undefined;
}

/** Written by this program alone, under a key that names its version. */
function isRestFile(value: unknown): value is RestFile {
  return typeof value === "object" && value !== null && "shared" in value && "projects" in value;
}

async function readMarks(
  reader: ObjectReader,
  { commit, tip }: Pick<Moment, "commit" | "tip">,
): Promise<Marks> {
  const [top, projects, lives] = await Promise.all([
    idsOf(reader, commit),
    idsOf(reader, `${commit}:projects`),
    tip === null ? new Map<string, string>() : idsOf(reader, `${tip}:live`),
  ]);
  return {
    shared: JSON.stringify(SHARED.map((name) => top.get(name) ?? null)),
    trees: projects,
    lives: new Map([...lives].map(([file, oid]) => [file.replace(/\.json$/, ""), oid])),
  };
}

async function idsOf(reader: ObjectReader, tree: string): Promise<ReadonlyMap<string, string>> {
  const entries = (await reader.readTree(tree)) ?? [];
  return new Map(entries.map(({ name, oid }) => [name, oid]));
}
