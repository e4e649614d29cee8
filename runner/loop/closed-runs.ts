/** Closed runs: those of the last days on the tip of the state branch, older ones in its history. */
import { closedRunPath } from "#runner/core/state-path.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { ClosedRun, FoldedRun } from "#runner/schema/types.gen.ts";
import { readFoldedRun, readFoldedRuns, readLedger, readLedgerMonth } from "./archive.ts";
import { readFolder, readRecord, type StateFiles } from "./state-files.ts";

const AT_ONCE = 256;

/** Those that stand on the tip, by run id, newest day first. */
export async function readRecentRuns(files: StateFiles): Promise<ReadonlyMap<string, ClosedRun>> {
  const days = await daysOf(files);
  const read = await Promise.all(
    days.map((day) => readFolder(files, `runs/${day}`, records.closedRun)),
  );
  return new Map(read.flatMap((runs) => [...runs]));
}

/** Those on the tip that have ended since an instant. */
export async function readRunsSince(
  files: StateFiles,
  since: string,
): Promise<readonly ClosedRun[]> {
  const days = (await daysOf(files)).filter((day) => day >= since.slice(0, 10));
  const read = await Promise.all(
    days.map((day) => readFolder(files, `runs/${day}`, records.closedRun)),
  );
  return read.flatMap((runs) => [...runs.values()]).filter(({ endedAt }) => endedAt >= since);
}

/** Full records of folded runs; those that this clone does not hold are left out. */
export async function unfold(
  files: StateFiles,
  folded: readonly FoldedRun[],
): Promise<ReadonlyMap<string, ClosedRun>> {
  const found = new Map<string, ClosedRun>();
  for (let at = 0; at < folded.length; at += AT_ONCE) {
    const some = folded.slice(at, at + AT_ONCE);
    const read = await Promise.all(some.map((run) => readFoldedRun(files, run)));
    for (const run of read) if (run !== undefined) found.set(run.run.id, run);
  }
  return found;
}

/** Every closed run that there ever was; reads them all. */
export async function readAllRuns(files: StateFiles): Promise<ReadonlyMap<string, ClosedRun>> {
  const folded = await unfold(files, await readFoldedRuns(files));
  return new Map([...folded, ...(await readRecentRuns(files))]);
}

/** One that ended at this instant; undefined when this clone does not hold its record. */
export async function readClosedRun(
  files: StateFiles,
  { run, endedAt }: { readonly run: string; readonly endedAt: string },
): Promise<ClosedRun | undefined> {
  const recent = await readRecord(files, closedRunPath(run, endedAt), records.closedRun);
  if (recent !== undefined) return recent;
  const lines = await readLedgerMonth(files, endedAt);
  const folded = lines.flatMap(({ runs }) => runs).find(({ id }) => id === run);
  return folded === undefined ? undefined : readFoldedRun(files, folded);
}

/** Which of the runs are over, without reading their records; of what was folded only what ended on the day `since` or later is looked at. */
export async function closedAmong(
  files: StateFiles,
  ids: readonly string[],
  since: string,
): Promise<ReadonlySet<string>> {
  const days = await daysOf(files);
  const recent = await Promise.all(days.map((day) => files.list(`runs/${day}`)));
  const known = new Set(recent.flat().map(({ name }) => name.replace(/\.json$/, "")));
  if (ids.some((id) => !known.has(id))) {
    const folded = await readLedger(files, since);
    for (const { id } of folded.flatMap(({ runs }) => runs)) known.add(id);
  }
  return new Set(ids.filter((id) => known.has(id)));
}

/** Newest first. */
export async function daysOf(files: StateFiles): Promise<readonly string[]> {
  return (await files.list("runs"))
    .map(({ name }) => name)
    .toSorted()
    .toReversed();
}
