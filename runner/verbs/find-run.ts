/** The run that the operator means. */
import type { RunHistory } from "#runner/core/run-history.ts";
import { runsNamed } from "#runner/core/run-name.ts";
import { closest } from "#runner/core/suggest.ts";
import { indexRuns, inFull, recentHistories } from "#runner/loop/run-index.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer } from "./verb.ts";

export type FoundRun =
  | { readonly ok: true; readonly run: RunHistory }
  | { readonly ok: false; readonly refusal: Answer };

/** A run by its id, by its pipeline as the latest of it, or by the unambiguous start of its id; however old it is. */
export async function findRun(id: string, seen: Sight): Promise<FoundRun> {
  const recent = (await recentHistories(seen)).find(({ record }) => record.id === id);
  if (recent !== undefined) return { ok: true, run: recent };
  const all = await indexRuns(seen);
  const found = runsNamed(id, all);
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    const [run] = await inFull(seen, found);
    return run === undefined ? { ok: false, refusal: notHere(only.record.id) } : { ok: true, run };
  }
  if (found.length > 1) {
    const hint = `it may be any of ${found.map(({ record }) => record.id).join(", ")}`;
    return { ok: false, refusal: refused("usage", `${id} means several runs`, hint) };
  }
  const near = closest(
    id,
    all.map(({ record }) => record.id),
  );
  const hint = near === undefined ? "fettle runs   lists them" : `did you mean ${near}?`;
  return { ok: false, refusal: refused("usage", `there is no run ${id}`, hint) };
}

/** Its full record stands in the history, which this clone has only the end of. */
function notHere(id: string): Answer {
  const message = `the record of run ${id} is not in this clone`;
  return refused("usage", message, "git fetch --unshallow   brings the history");
}
