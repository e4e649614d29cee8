/** The run that the operator means. */
import type { RunHistory } from "#runner/core/run-history.ts";
import { runsNamed } from "#runner/core/run-name.ts";
import { closest } from "#runner/core/suggest.ts";
import { refused, type Answer } from "./verb.ts";

export type FoundRun =
  | { readonly ok: true; readonly run: RunHistory }
  | { readonly ok: false; readonly refusal: Answer };

/** A run by its id, by its pipeline as the latest of it, or by the unambiguous start of its id; `all` are newest first. */
export function findRun(id: string, all: readonly RunHistory[]): FoundRun {
  const found = runsNamed(id, all);
  const [only] = found;
  if (only !== undefined && found.length === 1) return { ok: true, run: only };
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
