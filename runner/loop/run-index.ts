/** Runs by what they are called: which ones are meant is told without reading the records of them all. */
import {
  historiesOf,
  historyOfClosed,
  newestFirst,
  type RunHistory,
} from "#runner/core/run-history.ts";
import type { Observed } from "#runner/core/model.ts";
import type { FoldedRun } from "#runner/schema/types.gen.ts";
import { readFoldedRuns } from "./archive.ts";
import { daysOf, readRecentRuns, unfold } from "./closed-runs.ts";
import type { StateFiles } from "./state-files.ts";

/** What every run shows of itself; `folded` is null where the rest is known already. */
export interface IndexedRun {
  readonly record: Pick<FoldedRun, "id" | "project" | "pipeline" | "startedAt">;
  readonly history: RunHistory | null;
  readonly folded: FoldedRun | null;
}

export interface RunSources {
  readonly observed: Observed;
  readonly files: StateFiles;
}

/** All runs, newest first. */
export async function indexRuns(seen: RunSources): Promise<readonly IndexedRun[]> {
  const known = await recentHistories(seen);
  const folded = await readFoldedRuns(seen.files);
  return [...known.map(indexed), ...folded.map(indexedFolded)].toSorted((a, b) =>
    newestFirst(a.record, b.record),
  );
}

/** The newest `limit` of the runs that `matches` accepts, in full. */
export async function latestRuns(
  seen: RunSources,
  matches: (record: IndexedRun["record"]) => boolean,
  limit: number,
): Promise<readonly RunHistory[]> {
  const recent = (await recentHistories(seen)).filter(({ record }) => matches(record));
  const last = recent[limit - 1];
  const oldestDay = (await daysOf(seen.files)).at(-1) ?? "";
  // Whatever was folded had ended before the oldest day that is left.
  if (last !== undefined && last.record.startedAt >= oldestDay) return recent.slice(0, limit);
  const all = (await indexRuns(seen)).filter(({ record }) => matches(record));
  return inFull(seen, all.slice(0, limit));
}

/** The runs with all that is recorded of them; those whose records this clone does not hold are left out. */
export async function inFull(
  { files }: Pick<RunSources, "files">,
  runs: readonly IndexedRun[],
): Promise<readonly RunHistory[]> {
  const found = await unfold(
    files,
    runs.flatMap(({ folded }) => folded ?? []),
  );
  return runs.flatMap(({ record, history }) => {
    const closed = found.get(record.id);
    if (history !== null) return [history];
    return closed === undefined ? [] : [historyOfClosed(closed)];
  });
}

/** Open runs, and the closed ones that stand on the tip. */
export async function recentHistories({
  observed,
  files,
}: RunSources): Promise<readonly RunHistory[]> {
  return historiesOf(observed, await readRecentRuns(files));
}

function indexed(history: RunHistory): IndexedRun {
  return { record: history.record, history, folded: null };
}

function indexedFolded(folded: FoldedRun): IndexedRun {
  return { record: folded, history: null, folded };
}
