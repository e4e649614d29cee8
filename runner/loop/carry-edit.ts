/** What people made of delivered files: one transaction, nothing on main moves. */
import type { EditAdopt } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { transaction } from "#runner/core/transaction.ts";

export function adoptEdits({ project, commit, edits }: EditAdopt, at: string): Transaction {
  return transaction({ event: { kind: "edits-adopted", at, project, commit, edits } });
}
