/** The end of a wait: one transaction, nothing executed. */
import type { WaitEnd } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { waitPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { WaitRecord } from "#runner/schema/types.gen.ts";

export function endWait(action: WaitEnd, at: string): Transaction {
  const { project, run, step, since, until, outcome, reason } = action;
  const wait: WaitRecord = { run, step, since, until, at, outcome, reason };
  return transaction({
    event: { kind: "wait-ended", project, ...wait },
    files: [[waitPath(run, step), wait]],
    change: { kind: "wait", wait },
  });
}
