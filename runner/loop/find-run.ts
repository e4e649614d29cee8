/** The run that the operator means. */
import type { RunHistory } from "#runner/core/run-history.ts";
import { runsNamed } from "#runner/core/run-name.ts";
import { closest } from "#runner/core/suggest.ts";
import { refusal, type Refusal } from "./refusal.ts";
import { indexRuns, inFull, recentHistories, type RunSources } from "./run-index.ts";

export type FoundRun = { readonly ok: true; readonly run: RunHistory } | Refusal;

/** A run by its id, by its pipeline as the latest of it, or by the unambiguous start of its id; however old it is. */
export async function findRun(id: string, seen: RunSources): Promise<FoundRun> {
  const recent = (await recentHistories(seen)).find(({ record }) => record.id === id);
  if (recent !== undefined) return { ok: true, run: recent };
  const all = await indexRuns(seen);
  const found = runsNamed(id, all);
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    const [run] = await inFull(seen, found);
    return run === undefined ? notHere(only.record.id) : { ok: true, run };
  }
  if (found.length > 1) {
    const hint = `it may be any of ${found.map(({ record }) => record.id).join(", ")}`;
    return refusal("usage", `${id} means several runs`, hint);
  }
  const near = closest(
    id,
    all.map(({ record }) => record.id),
  );
  const hint = near === undefined ? "fettle runs   lists them" : `did you mean ${near}?`;
  return refusal("usage", `there is no run ${id}`, hint);
}

/** Its full record stands in the history, which this clone has only the end of. */
function notHere(id: string): Refusal {
  const message = `the record of run ${id} is not in this clone`;
  return refusal("usage", message, "git fetch --unshallow   brings the history");
}
