/** An effect that was in doubt, as the operator knows it: a receipt at the time of its intent, or a time that is free again. */
import type { EffectAnswer } from "#runner/core/action.ts";
import { effectPlan } from "#runner/core/effect.ts";
import type { LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import { receiptPath, requestPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { ReceiptRecord } from "#runner/schema/types.gen.ts";
import type { View } from "./engine.ts";

export function answerEffect(view: View, action: EffectAnswer, at: string): Transaction {
  const { base, ordinal, happened, project, by, reason, request } = action;
  const record = view.observed.receipts.get(base) ?? null;
  const doubted = record?.receipts.find((receipt) => receipt.ordinal === ordinal);
  if (record === null || doubted === undefined) throw new Error(`nothing is recorded of ${base}`);
  const { run, step, item } = doubted;
  const event: LedgerEvent = {
    kind: "effect-answered",
    at,
    project,
    run,
    step,
    item,
    agent: record.agent,
    effect: effectPlan(base, record.onceKey, ordinal),
    answer: happened ? "happened" : "did-not",
    by,
    reason,
    request,
  };
  const others = record.receipts.filter((receipt) => receipt !== doubted);
  const known = happened ? [...others, { ...doubted, state: "happened" as const }] : others;
  const receipts = known.toSorted((a, b) => a.ordinal - b.ordinal);
  const receipt: ReceiptRecord = { ...record, receipts };
  return transaction({
    event,
    files: [
      [receiptPath(base), receipt],
      [requestPath(request), null],
    ],
    change: { kind: "receipt", receipt, request },
  });
}
