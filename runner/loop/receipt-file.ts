/** The record of an external effect: every time that it happened, may have happened, or is about to. */
import type { EffectPlan, StepAdopt, StepStart } from "#runner/core/action.ts";
import { receiptPath } from "#runner/core/state-path.ts";
import type { Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";
import type { View } from "./engine.ts";

export interface Moment {
  readonly effect: EffectPlan;
  /** null: it has certainly not happened, the ordinal is free again. */
  readonly state: Receipt["state"] | null;
  readonly at: string;
  readonly receipt?: Readonly<Record<string, unknown>>;
}

interface ReceiptFile {
  readonly file: readonly [path: string, record: ReceiptRecord];
  readonly record: ReceiptRecord;
}

/** The record after this moment; other ordinals stay as they are. */
export function receiptFile(
  view: View,
  action: StepStart | StepAdopt,
  moment: Moment,
): ReceiptFile {
  const { effect, state } = moment;
  const before = view.observed.receipts.get(effect.base) ?? null;
  const others = (before?.receipts ?? []).filter((receipt) => receipt.ordinal !== effect.ordinal);
  const { self } = view.observed;
  const mine = state === null ? [] : [{ ...receiptOf(action, { ...moment, state }), runner: self }];
  const record: ReceiptRecord = {
    base: effect.base,
    onceKey: effect.onceKey,
    project: action.project,
    agent: action.agent,
    receipts: [...others, ...mine].toSorted((a, b) => a.ordinal - b.ordinal),
  };
  return { file: [receiptPath(effect.base), record], record };
}

function receiptOf(
  action: StepStart | StepAdopt,
  { effect, state, at, receipt }: Moment & { readonly state: Receipt["state"] },
): Receipt {
  return {
    ordinal: effect.ordinal,
    state,
    at,
    run: action.run,
    step: action.step,
    item: action.item,
    ...(receipt === undefined ? {} : { receipt: { ...receipt } }),
  };
}
