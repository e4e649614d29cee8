/** Results of other runs that were given the same. */
import type { CachedWant } from "#runner/core/want.ts";
import type { Cached } from "#runner/core/model.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { cachedPath } from "#runner/core/state-path.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import { readPayload, readRecord, type StateFiles } from "./state-files.ts";
import { sightsOf, type SeenState } from "./step-key.ts";

export async function readCached(
  files: StateFiles,
  view: SeenState,
  wants: readonly CachedWant[],
): Promise<ReadonlyMap<string, Cached | null>> {
  const found = new Map<string, Cached | null>();
  // One after another: each lists all files of the run.
  for (const want of wants) found.set(unitKey(want), await resultFor(files, view, want));
  return found;
}

/** null: there is none; outputs that are not kept any more count as none. */
async function resultFor(
  files: StateFiles,
  view: SeenState,
  { run: id, step, agent: name, inputs }: CachedWant,
): Promise<Cached | null> {
  const run = view.observed.runs.get(id);
  const agent = run?.agents.get(name);
  if (run === undefined || agent === undefined) return null;
  const seen = await sightsOf(files.reader, view, { run, agent, step, inputs });
  if (!seen.ok) return null;
  const { key } = seen.sights;
  const record = await readRecord(files, cachedPath(key), records.cached);
  if (record === undefined || record.key !== key) return null;
  const outputs = await readPayload(files.reader, record.outputs);
  return outputs === undefined ? null : { record, outputs: outputs.value };
}
