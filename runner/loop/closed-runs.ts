/** Closed runs on the tip of the state branch. */
import * as records from "#runner/schema/record-validators.gen.js";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { readFolder, type StateFiles } from "./state-files.ts";

/** By run id, newest day first. */
export async function readClosedRuns(files: StateFiles): Promise<ReadonlyMap<string, ClosedRun>> {
  const days = (await files.list("runs"))
    .map(({ name }) => name)
    .toSorted()
    .toReversed();
  const read = await Promise.all(
    days.map((day) => readFolder(files, `runs/${day}`, records.closedRun)),
  );
  return new Map(read.flatMap((runs) => [...runs]));
}
