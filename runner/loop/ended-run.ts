/** A closed run with all that a further try of it may take over. */
import type { EndedRun } from "#runner/core/model.ts";
import { closedRunPath } from "#runner/core/state-path.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import { citationsOf, readValues, type RunSource } from "./open-run.ts";
import { versionAt } from "./project-version.ts";
import { readRecord } from "./state-files.ts";

/** undefined when its record is not kept any more. */
export async function readEndedRun(
  { files, manifests }: RunSource,
  { run, endedAt }: { readonly run: string; readonly endedAt: string },
): Promise<EndedRun | undefined> {
  const closed = await readRecord(files, closedRunPath(run, endedAt), records.closedRun);
  if (closed === undefined) return undefined;
  const version = await versionAt(manifests, closed.run.desired, closed.run.project);
  const { attempts, gates: decisions } = closed;
  const values = await readValues(files, citationsOf([{ attempts, decisions }]));
  return { closed, version, values };
}
