/** Load and observe: desired and observed state of this moment. */
import { NO_SUMMARIES } from "#runner/core/fold.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { MAIN } from "#runner/repo/ref-names.ts";
import { readRefs, type Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { Violation } from "#runner/schema/violation.ts";
import { load } from "./load.ts";
import type { ManifestReader } from "./manifests.ts";
import { observe } from "./observe.ts";
import { readSummaries, type StateFiles } from "./state-files.ts";

export interface Look {
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
}

const NOTHING: Observed = {
  tip: null,
  summaries: NO_SUMMARIES,
  runs: new Map(),
  gates: new Map(),
  requests: [],
  working: new Set(),
  receipts: new Map(),
  watched: new Map(),
  mainBlobs: new Map(),
  descends: true,
  unreadable: [],
};

export async function look({ repository, store, manifests }: Eyes): Promise<Look> {
  const refs = readRefs(repository);
  const commit = refs.get(MAIN);
  if (commit === undefined) return { refs, workspace: null, observed: NOTHING, violations: [] };
  const summaries = await readSummaries(store);
  const { workspace, violations, unreadable } = await load(manifests, commit, summaries);
  if (workspace === null) return { refs, workspace, observed: NOTHING, violations };
  const sight = { repository, files: store, manifests, summaries, refs, workspace, unreadable };
  return { refs, workspace, observed: await observe(sight), violations };
}
