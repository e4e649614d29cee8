/** A closed run with all that a further try of it may take over. */
import type { EndedRun } from "#runner/core/model.ts";
import { readClosedRun } from "./closed-runs.ts";
import { citationsOf, readValues, type RunSource } from "./open-run.ts";
import { versionAt } from "./project-version.ts";

/** undefined when its record is not kept any more. */
export async function readEndedRun(
  { files, manifests }: RunSource,
  { run, endedAt }: { readonly run: string; readonly endedAt: string },
): Promise<EndedRun | undefined> {
  const closed = await readClosedRun(files, { run, endedAt });
  if (closed === undefined) return undefined;
  const version = await versionAt(manifests, closed.run.desired, closed.run.project);
  const { attempts, gates: decisions } = closed;
  const values = await readValues(files, citationsOf([{ attempts, decisions }]));
  return { closed, version, values };
}
