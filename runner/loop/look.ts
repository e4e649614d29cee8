/** Load and observe: desired and observed state of this moment. */
import { NO_FOLDERS } from "#runner/core/compaction.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import type { Cache } from "#runner/repo/cache.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { Violation } from "#runner/schema/violation.ts";
import type { View } from "./engine.ts";
import type { ForgeDesk, Pulls } from "./forge-desk.ts";
import { authorityRefs } from "./follow-authority.ts";
import { load, type LoadedFrom } from "./load.ts";
import type { ManifestReader } from "./manifests.ts";
import { observe } from "./observe.ts";
import { NONE, readResting } from "./resting.ts";
import { expectFormat } from "./state-format.ts";
import { readSummaries, type StateFiles } from "./state-files.ts";

export interface Seen {
  readonly refs: Refs;
  /** null: there is no usable fettle.yaml. */
  readonly workspace: Workspace | null;
  readonly observed: Observed;
  readonly violations: readonly Violation[];
}

/** What looking needs; less than acting. */
export interface Eyes {
  readonly repository: Repository;
  readonly store: StateFiles;
  readonly manifests: ManifestReader;
  /** Where the forge was looked at. */
  readonly forge?: Pick<ForgeDesk, "pulls">;
}

/** Where it is kept which projects need no look, and the instant to ask for. */
export interface RestMemory {
  readonly cache: Cache;
  readonly now: string;
}

interface LookedAt extends LoadedFrom {
  readonly refs: Refs;
}

const NO_PULLS: Pulls = new Map();

const NOTHING: Observed = {
  tip: null,
  summaries: NO_SUMMARIES,
  runs: new Map(),
  gates: new Map(),
  requests: [],
  ended: new Map(),
  self: "",
  runners: [],
  working: new Set(),
  receipts: new Map(),
  handled: new Map(),
  cached: new Map(),
  drifted: new Map(),
  watched: new Map(),
  mainBlobs: new Map(),
  descends: true,
  unreadable: [],
  folders: NO_FOLDERS,
  payload: new Map(),
  payloadNeeds: new Map(),
};

/** Everything; with a memory of what rests at this moment, without the projects that need no look. */
export async function look(eyes: Eyes, memory?: RestMemory): Promise<Seen> {
  const refs = authorityRefs(eyes.repository);
  const commit = refs.get(MAIN);
  if (commit === undefined) return { refs, workspace: null, observed: NOTHING, violations: [] };
  await expectFormat(eyes.store, eyes.repository);
  const { tip, reader } = eyes.store;
  const resting =
    memory === undefined
      ? NONE
      : await readResting(memory.cache, reader, { commit, tip, now: memory.now });
  const at = { refs, commit, ...(memory === undefined ? {} : { cache: memory.cache }) };
  const seen = await lookAt(eyes, { ...at, resting });
  return takesOver(seen.workspace) ? lookAt(eyes, { ...at, resting: NONE }) : seen;
}

/** The same at a commit of main and a state that may be of the past. */
export function lookThere(eyes: Eyes, refs: Refs, commit: string): Promise<Seen> {
  return lookAt(eyes, { refs, commit, resting: NONE });
}

/** What a project is renamed from must be read along with it, resting or not. */
function takesOver(workspace: Workspace | null): boolean {
  const names = [...(workspace?.projects.values() ?? [])].flatMap(
    ({ manifest }) => manifest.previousNames ?? [],
  );
  return names.some((name) => workspace?.resting?.has(name));
}

async function lookAt(
  { repository, store, manifests, forge }: Eyes,
  { refs, ...from }: LookedAt,
): Promise<Seen> {
  const summaries = await readSummaries(store, from.resting);
  const { workspace, violations, unreadable } = await load(manifests, from, summaries);
  if (workspace === null) return { refs, workspace, observed: NOTHING, violations };
  const pulls = forge?.pulls ?? NO_PULLS;
  const seen = { summaries, refs, workspace, unreadable, pulls };
  const sight = { repository, files: store, manifests, ...seen };
  return { refs, workspace, observed: await observe(sight), violations };
}

/** Whether every project was looked at: of those that rest a tick has seen nothing. */
export function isWhole({ resting }: Workspace): boolean {
  return resting === undefined || resting.size === 0;
}

/** What was seen of a workspace that there is. */
export function viewOf(seen: Seen): View {
  if (seen.workspace === null) throw new Error("there is no workspace to view");
  return { refs: seen.refs, workspace: seen.workspace, observed: seen.observed };
}
