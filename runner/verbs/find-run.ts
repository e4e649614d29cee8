/** The run that the operator means, for verbs. */
import { findRun as find } from "#runner/loop/find-run.ts";
import type { RunHistory } from "#runner/core/run-history.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer } from "./verb.ts";

export type FoundRun =
  | { readonly ok: true; readonly run: RunHistory }
  | { readonly ok: false; readonly refusal: Answer };

export async function findRun(id: string, seen: Sight): Promise<FoundRun> {
  const found = await find(id, seen);
  if (found.ok) return found;
  const { exit, message, hint } = found;
  return { ok: false, refusal: refused(exit, message, hint) };
}
