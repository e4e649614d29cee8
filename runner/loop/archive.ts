/** What compaction has taken from the tip: named by the ledger there, read from the history. */
import type { ClosedRun, FoldedRun, LedgerDay } from "#runner/schema/types.gen.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import { ledgerPath } from "#runner/core/state-path.ts";
import { readLines } from "./joined-lines.ts";
import type { StateFiles } from "./state-files.ts";

/** Lines of the ledger from `since` (a day) on, newest month first. */
export async function readLedger(files: StateFiles, since = ""): Promise<readonly LedgerDay[]> {
  const months = (await files.list("ledger"))
    .map(({ name }) => name)
    .filter((name) => name.slice(0, 7) >= since.slice(0, 7))
    .toSorted()
    .toReversed();
  const lines = await Promise.all(months.map((name) => readLedgerMonth(files, name)));
  return lines.flat().filter(({ day }) => day >= since);
}

/** Lines of one month, named by any day or instant of it. */
export async function readLedgerMonth(
  files: StateFiles,
  day: string,
): Promise<readonly LedgerDay[]> {
  return readLines((await files.readText(ledgerPath(day))) ?? "").map(ledgerDayOf);
}

export async function readFoldedRuns(files: StateFiles): Promise<readonly FoldedRun[]> {
  return (await readLedger(files)).flatMap(({ runs }) => runs);
}

/** The full record; undefined when this clone does not hold it. */
export async function readFoldedRun(
  { reader }: StateFiles,
  { id, blob }: FoldedRun,
): Promise<ClosedRun | undefined> {
  const text = (await reader.readBlob(blob))?.toString("utf8");
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (records.closedRun(value) && value.run.id === id) return value;
  throw new Error(`the ledger on the state branch is wrong: ${blob} is not run ${id}`);
}

function ledgerDayOf(line: string): LedgerDay {
  const value: unknown = JSON.parse(line);
  if (records.ledgerDay(value)) return value;
  const [error] = records.ledgerDay.errors ?? [];
  throw new Error(`the ledger on the state branch is invalid: ${error?.message ?? ""}`);
}
