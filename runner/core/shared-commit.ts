/** Which transactions may stand in one commit of the state. */
import type { Action } from "./action.ts";
import type { LedgerEvent, Transaction } from "./ledger-event.ts";

/** Whether carrying it out reads what is booked, beyond what is observed. */
function readsState({ kind }: Action): boolean {
  return kind === "gate-open" || kind === "gate-settle";
}

/**
 * Whether the actions may share the commit of what they follow from. What a commit takes away with the end of a run is told by
 * the closed run alone, which holds results and waits.
 */
export function sharesCommit(
  actions: readonly Action[],
  waiting: readonly Pick<Transaction, "event">[],
): boolean {
  const ending = new Set(
    actions.flatMap((action) =>
      action.kind === "run-finish" || action.kind === "run-cancel" ? [action.run] : [],
    ),
  );
  return !actions.some(readsState) && waiting.every(({ event }) => isKept(event, ending));
}

function isKept(event: LedgerEvent, ending: ReadonlySet<string>): boolean {
  if (event.kind === "step-finished" || event.kind === "wait-ended") return true;
  return !("run" in event) || !ending.has(event.run);
}
