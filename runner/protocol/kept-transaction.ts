/** What becomes of transactions after others were faster, as transactions. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { ReceiptRecord } from "#runner/schema/types.gen.ts";
import { settledBy, type Recorded } from "./rebase.ts";

/** What is kept of one of these: itself, with what others have recorded of its effect, or no more than what it took, or its answer to a doubt. */
export function keptTransaction(kept: Recorded, from: readonly Transaction[]): Transaction {
  const { event, files } = kept;
  const own = from.find((one) => one.event === event);
  if (own !== undefined && own.files === files) return own;
  if (event.kind === "spend-settled") return transaction({ event });
  const receipt = [...files.values()].find(
    (record): record is ReceiptRecord => record !== null && "receipts" in record,
  );
  if (receipt === undefined) throw new Error(`${event.kind} was changed, and has no receipt`);
  if (own?.change.kind === "attempt") return { ...own, files, change: { ...own.change, receipt } };
  const change = { kind: "receipt", receipt, request: null } as const;
  return transaction({ event, files: [...files], change });
}

/** What stays of a result that is not kept: what it took. */
export function spendOf({ event }: Transaction): readonly Transaction[] {
  const settled = event.kind === "step-finished" ? settledBy(event) : null;
  return settled === null ? [] : [transaction({ event: settled })];
}
