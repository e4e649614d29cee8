/** Which projects need no look: a file of the cache says what each depended on when its plan was found empty. */
import type { Workspace } from "#runner/core/model.ts";
import { restingProjects } from "#runner/core/rest.ts";
import type { Cache } from "#runner/repo/cache.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { Inventory } from "#runner/schema/types.gen.ts";
import { CACHE_VERSION } from "./cache-version.ts";
import type { View } from "./engine.ts";
import { readRequests, stateAt } from "./state-files.ts";

/** What a project's plan was made from when it was found empty, and until when that holds. */
interface Rest {
  readonly name: string;
  /** Tree of `projects/<name>` on main, and blob of `live/<name>.json` on state. */
  readonly tree: string;
  readonly live: string;
  /** Blobs on main of what it owns outside of its folder. */
  readonly elsewhere: Elsewhere;
  /** When its plan was made, and the instant at which it may change. */
  readonly since: string;
  readonly wake: string | null;
}

type Elsewhere = Readonly<Record<string, string | null>>;

interface RestFile {
  /** What all projects depend on: settings, agents, shared schemas, and the program where it stands beside them. */
  readonly shared: string;
  /** Trees of `projects` and `live` when all entries fitted them: what is the same as a whole need not be compared. */
  readonly folders: Folders;
  readonly projects: readonly Rest[];
}

interface Folders {
  readonly projects: string | null;
  readonly lives: string | null;
}

export type Resting = NonNullable<Workspace["resting"]>;

export const NONE: Resting = new Map();

/** One moment of a repository. */
export interface Moment {
  readonly commit: string;
  readonly tip: string | null;
  readonly now: string;
}

/** What rests now was told by this file, so it is also what is known of those that go on resting. */
const lastRead = new WeakMap<Cache, RestFile | undefined>();

const KEY = `resting-${CACHE_VERSION}`;
const IN_PROJECT = /^projects\/([^/]+)\//;
const SHARED = ["fettle.yaml", "agents", "schemas", "runner"];

/** Projects for which all is as the file says and whose time has not come. */
export async function readResting(
  cache: Cache,
  reader: ObjectReader,
  moment: Moment,
): Promise<Resting> {
  const file = await readFile(cache);
  if (file === undefined || moment.tip === null) return NONE;
  if ((await sharedIds(reader, moment.commit)) !== file.shared) return NONE;
  const [folders, asked] = await Promise.all([
    foldersAt(reader, moment),
    askedFor(reader, moment.tip),
  ]);
  const [hasTree, hasLive] = await Promise.all([
    sameIn(reader, [file.folders.projects, folders.projects], (ids) => {
      return ({ name, tree }) => ids.get(name) === tree;
    }),
    sameIn(reader, [file.folders.lives, folders.lives], (ids) => {
      return ({ name, live }) => ids.get(`${name}.json`) === live;
    }),
  ]);
  const resting = file.projects.filter(
    (rest) => hasTree(rest) && hasLive(rest) && isNow(rest, moment.now) && !asked.has(rest.name),
  );
  const touched = await touchedOf(reader, moment, resting);
  return new Map(
    resting.filter(({ name }) => !touched.has(name)).map(({ name, wake }) => [name, wake]),
  );
}

/** Names of those that own something outside of their folder which is not as it was. */
async function touchedOf(
  reader: ObjectReader,
  moment: Moment,
  resting: readonly Rest[],
): Promise<ReadonlySet<string>> {
  const owners = resting.filter(({ elsewhere }) => Object.keys(elsewhere).length > 0);
  const touched = await Promise.all(
    owners.map(async (rest) => ((await isUntouched(reader, moment, rest)) ? [] : [rest.name])),
  );
  return new Set(touched.flat());
}

async function isUntouched(
  reader: ObjectReader,
  { commit }: Moment,
  { elsewhere }: Rest,
): Promise<boolean> {
  const now = await blobsAt(reader, commit, Object.keys(elsewhere));
  return Object.entries(elsewhere).every(([path, blob]) => now[path] === blob);
}

async function blobsAt(
  reader: ObjectReader,
  commit: string,
  paths: readonly string[],
): Promise<Elsewhere> {
  const read = await Promise.all(
    paths.map(async (path) => [path, (await reader.resolve(`${commit}:${path}`))?.oid ?? null]),
  );
  return Object.fromEntries(read);
}

type Same = (rest: Rest) => boolean;

/** Whether an entry of a folder is the one remembered; a folder that is the same as a whole is not read. */
async function sameIn(
  reader: ObjectReader,
  [before, now]: readonly [string | null, string | null],
  compare: (ids: ReadonlyMap<string, string>) => Same,
): Promise<Same> {
  if (before === now) return () => true;
  return compare(now === null ? new Map() : await idsOf(reader, now));
}

function isNow({ since, wake }: Rest, now: string): boolean {
  return since <= now && (wake === null || now < wake);
}

/** Projects that a request names. */
async function askedFor(reader: ObjectReader, tip: string): Promise<ReadonlySet<string>> {
  const requests = await readRequests(stateAt(reader, tip));
  return new Set(
    requests.flatMap((request) => ("project" in request ? (request.project ?? []) : [])),
  );
}

/** Remembers which projects rest after a tick; `troubled` files have violations, warnings among them. */
export async function writeResting(
  { cache, reader }: { readonly cache: Cache; readonly reader: ObjectReader },
  { workspace, observed }: View,
  { now, troubled }: { readonly now: string; readonly troubled: readonly string[] },
): Promise<void> {
  const moment = { commit: workspace.commit, tip: observed.tip };
  const before = lastRead.get(cache);
  const inTrouble = new Set(troubled.map((path) => IN_PROJECT.exec(path)?.[1]));
  const added = [...restingProjects(workspace, observed, now)].filter(
    ([name]) => !inTrouble.has(name),
  );
  const [shared, folders, rests] = await Promise.all([
    sharedIds(reader, moment.commit),
    foldersAt(reader, moment),
    Promise.all(
      added.map(([name, wake]) => {
        const elsewhere = ownedElsewhere(observed.summaries.inventories.get(name));
        return restOf(reader, moment, { name, since: now, wake, elsewhere });
      }),
    ),
  ]);
  const kept = (before?.projects ?? []).filter(({ name }) => workspace.resting?.has(name));
  const projects = [...kept, ...rests.filter((rest) => rest !== undefined)];
  const isSame =
    before?.shared === shared && added.length === 0 && isEqual(before, projects, folders);
  if (!isSame) await cache.put(KEY, { shared, folders, projects });
}

/** Nothing new came, so what is kept is the same when it is as much. */
function isEqual(before: RestFile, projects: RestFile["projects"], folders: Folders): boolean {
  return (
    before.folders.projects === folders.projects &&
    before.folders.lives === folders.lives &&
    before.projects.length === projects.length
  );
}

/** Its tree says nothing of these. */
function ownedElsewhere(inventory: Inventory | undefined): readonly string[] {
  if (inventory === undefined) return [];
  const folder = `projects/${inventory.project}/`;
  return Object.keys(inventory.owned).filter((path) => !path.startsWith(folder));
}

interface Named {
  readonly name: string;
  readonly since: string;
  readonly wake: string | null;
  readonly elsewhere: readonly string[];
}

async function restOf(
  reader: ObjectReader,
  { commit, tip }: Pick<Moment, "commit" | "tip">,
  { name, since, wake, elsewhere: paths }: Named,
): Promise<Rest | undefined> {
  const [tree, live, elsewhere] = await Promise.all([
    reader.resolve(`${commit}:projects/${name}`),
    reader.resolve(`${tip}:live/${name}.json`),
    blobsAt(reader, commit, paths),
  ]);
  if (tree === undefined || live === undefined) return undefined;
  return { name, tree: tree.oid, live: live.oid, elsewhere, since, wake };
}

async function foldersAt(
  reader: ObjectReader,
  { commit, tip }: Pick<Moment, "commit" | "tip">,
): Promise<Folders> {
  const [projects, lives] = await Promise.all([
    reader.resolve(`${commit}:projects`),
    tip === null ? undefined : reader.resolve(`${tip}:live`),
  ]);
  return { projects: projects?.oid ?? null, lives: lives?.oid ?? null };
}

async function readFile(cache: Cache): Promise<RestFile | undefined> {
  const value = await cache.get(KEY);
  const file = isRestFile(value) ? value : undefined;
  lastRead.set(cache, file);
  return file;
}

/** Written by this program alone, under a key that names its version. */
function isRestFile(value: unknown): value is RestFile {
  return typeof value === "object" && value !== null && "folders" in value && "projects" in value;
}

/** Names everything that all projects depend on, as it is at a commit. */
export async function sharedIds(reader: ObjectReader, commit: string): Promise<string> {
  const top = await idsOf(reader, commit);
  return JSON.stringify(SHARED.map((name) => top.get(name) ?? null));
}

async function idsOf(reader: ObjectReader, tree: string): Promise<ReadonlyMap<string, string>> {
  const entries = (await reader.readTree(tree)) ?? [];
  return new Map(entries.map(({ name, oid }) => [name, oid]));
}
