/** Grants whose attempts have died, settled by what this runner knows of them. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { Amount } from "#runner/schema/types.gen.ts";

/** What was taken of a grant, and what requests under way held; what is not known of it counts as taken in full. */
export type KnownSpend = Pick<Amount, "micros"> & Partial<Amount>;

export function lostSpend(
  { summaries }: Pick<Observed, "summaries">,
  known: ReadonlyMap<string, KnownSpend>,
  at: string,
): readonly Transaction[] {
  const grants = summaries.workspace.money?.grants ?? [];
  return grants.flatMap(({ grant, unit, run, step, item, attempt, amount }) => {
    const taken = known.get(grant);
    if (taken === undefined) return [];
    const [project = ""] = unit.split("/");
    const spent = { ...amount, ...taken };
    const who = { at, project, run, step, item, attempt, grant };
    return [transaction({ event: { kind: "spend-settled", ...who, spent } })];
  });
}
