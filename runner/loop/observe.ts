/** Observed state: what the state branch, main and the gate branches say at one moment. */
import { watchedDigest, watchedGlobs } from "#runner/core/delivery.ts";
import { matchesAnyGlob } from "#runner/core/glob.ts";
import type { Want } from "#runner/core/want.ts";
import type {
  Observed,
  ObservedGate,
  OpenRun,
  Summaries,
  WatchedFiles,
  Workspace,
} from "#runner/core/model.ts";
import { gatePath } from "#runner/core/state-path.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { listTree } from "#runner/repo/worktree-files.ts";
import { isContained } from "#runner/repo/history.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import { readCached } from "./cached-results.ts";
import type { View } from "./engine.ts";
import { readDrifted } from "./drifted.ts";
import { approvalTakenBack } from "./approval-standing.ts";
import { gateFacts } from "./gate-facts.ts";
import type { Pulls } from "./forge-desk.ts";
import type { ManifestReader } from "./manifests.ts";
import { readEndedRun } from "./ended-run.ts";
import { payloadMonths, payloadNeeds } from "./payload-needs.ts";
import { readOpenRun } from "./open-run.ts";
import { readHandled } from "./handled.ts";
import { readReceipts } from "./receipts.ts";
import { readTipFolders } from "./tip-folders.ts";
import { readRecord, readRequests, readRunners, type StateFiles } from "./state-files.ts";

export interface ObservedFrom {
  readonly repository: Repository;
  readonly files: StateFiles;
  readonly manifests: ManifestReader;
  readonly summaries: Summaries;
  readonly refs: Refs;
  readonly workspace: Workspace;
  readonly unreadable: readonly string[];
  /** Pull requests of open gates, by branch. */
  readonly pulls: Pulls;
}

/** Reads everything that the plan may depend on, except what it asks for (`Plan.wants`). */
export async function observe(sight: ObservedFrom): Promise<Observed> {
  const { files, summaries } = sight;
  const projects = [...summaries.projects.values()];
  const runs = await readRuns(
    sight,
    projects.flatMap((live) => live.openRuns),
  );
  const gates = await readGates(sight, { ids: projects.flatMap((live) => live.openGates), runs });
  const requests = await readRequests(files);
  const pending = projects.flatMap((live) => live.pending.map((file) => file.path));
  return {
    tip: files.tip,
    summaries,
    runs,
    gates,
    requests,
    ended: await readEnded(sight, requests),
    self: sight.repository.workingAs ?? sight.repository.runner,
    runners: await readRunners(files),
    working: new Set(),
    receipts: new Map(),
    handled: new Map(),
    cached: new Map(),
    drifted: await readDrifted(sight, gates),
    watched: await readWatched(sight),
    mainBlobs: await readBlobs(sight, pending),
    descends: await descends(sight, summaries.workspace.appliedCommit),
    unreadable: sight.unreadable,
    folders: await readTipFolders(files),
    payload: payloadMonths(sight.refs),
    payloadNeeds: new Map(),
  };
}

async function readRuns(sight: ObservedFrom, ids: readonly string[]): Promise<Observed["runs"]> {
  const runs = await Promise.all(
    ids.map(async (id) => {
      const run = await readOpenRun(sight, id);
      const takenBack = run === undefined ? undefined : await approvalTakenBack(sight, run);
      return run === undefined || takenBack === undefined ? run : { ...run, takenBack };
    }),
  );
  return new Map(
    runs.filter((run): run is OpenRun => run !== undefined).map((run) => [run.record.id, run]),
  );
}

/** Closed runs that are to be tried once more, or undone. */
async function readEnded(
  sight: ObservedFrom,
  requests: Observed["requests"],
): Promise<Observed["ended"]> {
  const asked = requests.flatMap((request) => {
    if (request.kind !== "retry" && request.kind !== "undo") return [];
    const { run, endedAt } = request;
    return endedAt === null ? [] : [{ run, endedAt }];
  });
  const found = await Promise.all(asked.map((ended) => readEndedRun(sight, ended)));
  return new Map(found.flatMap((run) => (run === undefined ? [] : [[run.closed.run.id, run]])));
}

async function readGates(
  sight: ObservedFrom,
  open: { readonly ids: readonly string[]; readonly runs: Observed["runs"] },
): Promise<Observed["gates"]> {
  const gates = await Promise.all(
    open.ids.map(async (id): Promise<ObservedGate | undefined> => {
      const record = await readRecord(sight.files, gatePath(id), records.gate);
      const run = record === undefined ? undefined : open.runs.get(record.run);
      if (record === undefined || run === undefined) return undefined;
      return { record, facts: await gateFacts(sight, record, run) };
    }),
  );
  return new Map(gates.filter((gate) => gate !== undefined).map((gate) => [gate.record.id, gate]));
}

/** Files that `triggers.changes` names, as they stand on main. */
async function readWatched(sight: ObservedFrom): Promise<Observed["watched"]> {
  const { files, workspace } = sight;
  const watched = new Map<string, WatchedFiles>();
  for (const version of workspace.projects.values()) {
    const watching = [...version.pipelines].filter(
      ([, pipeline]) => pipeline.triggers?.changes !== undefined,
    );
    if (watching.length === 0) continue;
    const folder = `projects/${version.name}`;
    const tree = await listTree(files.reader, `${workspace.commit}:${folder}`);
    for (const [name, pipeline] of watching) {
      const globs = watchedGlobs(version.name, pipeline.triggers?.changes ?? []);
      const matching = tree
        .map((file) => [`${folder}/${file.path}`, file.oid] as const)
        .filter(([path]) => matchesAnyGlob(globs, path));
      const blobs = new Map(matching);
      watched.set(`${version.name}/${name}`, { digest: watchedDigest(blobs), blobs });
    }
  }
  return watched;
}

async function readBlobs(
  { files, workspace }: Pick<ObservedFrom, "files" | "workspace">,
  paths: readonly string[],
): Promise<Observed["mainBlobs"]> {
  const { commit } = workspace;
  const found = await Promise.all(
    paths.map(async (path) => [path, await standingAt(files.reader, commit, path)] as const),
  );
  return new Map(found);
}

/** What main holds at the path, or in its way: a folder there, or a file where one of its folders should be. */
async function standingAt(
  reader: ObjectReader,
  commit: string,
  path: string,
): Promise<string | null> {
  const info = await reader.resolve(`${commit}:${path}`);
  if (info !== undefined) return info.oid;
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = await reader.resolve(`${commit}:${path.slice(0, end)}`);
    if (folder !== undefined) return folder.kind === "tree" ? null : folder.oid;
  }
  return null;
}

/** Looks up the facts that a plan asked for. */
export async function lookUp(
  files: StateFiles,
  view: Pick<View, "observed" | "workspace">,
  wants: readonly Want[],
): Promise<Observed> {
  const { observed, workspace } = view;
  const bases = wants.flatMap((want) => (want.kind === "receipt" ? [want.base] : []));
  const paths = wants.flatMap((want) => (want.kind === "main-blob" ? [want.path] : []));
  const runs = wants.flatMap((want) => (want.kind === "handled" ? [want.run] : []));
  const results = wants.filter((want) => want.kind === "cached");
  const needing = wants.filter((want) => want.kind === "payload-need");
  const months = needing.map(({ month }) => month);
  const [needs, receipts, handled, cached, blobs] = await Promise.all([
    payloadNeeds(files, months, needing[0]?.since ?? ""),
    readReceipts(files, bases),
    readHandled(files, runs),
    readCached(files, view, results),
    readBlobs({ files, workspace }, paths),
  ]);
  return {
    ...observed,
    receipts: new Map([...observed.receipts, ...receipts]),
    handled: new Map([...observed.handled, ...handled]),
    cached: new Map([...observed.cached, ...cached]),
    mainBlobs: new Map([...observed.mainBlobs, ...blobs]),
    payloadNeeds: new Map([...observed.payloadNeeds, ...needs]),
  };
}

/** Asked only when a project is gone: nothing else depends on it, and git would have to be started. */
async function descends(sight: ObservedFrom, applied: string | null): Promise<boolean> {
  const { projects, invalid, resting, commit } = sight.workspace;
  const isGone = (name: string): boolean =>
    !projects.has(name) && !invalid.has(name) && resting?.has(name) !== true;
  if (applied === null || applied === commit) return true;
  if (!sight.summaries.workspace.projects.some(isGone)) return true;
  return (await isContained(sight.repository, applied, commit)) !== "no";
}
