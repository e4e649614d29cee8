/** External effects: at most once per key, across runs. */
import { addMs } from "./calendar.ts";
import { digestOf } from "./canonical-json.ts";
import { durationMs } from "./duration.ts";
import type { EffectPlan } from "./model.ts";
import type { Once, Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

/** Names the effect without the run: three triggers still send one mail. */
export function effectBase(project: string, agent: string, onceKey: string): string {
  return digestOf({ project, agent, onceKey });
}

export function effectPlan(base: string, onceKey: string, ordinal: number): EffectPlan {
  return { key: digestOf({ base, ordinal }), base, ordinal, onceKey };
}

/** Who asks: the receipts of the same unit are its own intent, those of others are not. */
export interface EffectOwner {
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
}

export type EffectDecision =
  | { readonly kind: "do"; readonly ordinal: number }
  | { readonly kind: "resume"; readonly ordinal: number }
  | { readonly kind: "done"; readonly receipt: Receipt; readonly why: string }
  | { readonly kind: "wait"; readonly receipt: Receipt; readonly why: string };

/** Whether the effect may happen now, given every earlier time; `uncertain` occupies its ordinal. */
export function decideEffect(
  record: ReceiptRecord | null,
  once: Once,
  at: { readonly now: string; readonly owner: EffectOwner },
): EffectDecision {
  const last = record?.receipts.at(-1);
  if (last === undefined) return { kind: "do", ordinal: 1 };
  if (last.state === "intended") {
    return isOwner(last, at.owner)
      ? { kind: "resume", ordinal: last.ordinal }
      : { kind: "wait", receipt: last, why: `run ${last.run} is doing it` };
  }
  if (last.state === "uncertain") {
    return { kind: "wait", receipt: last, why: `nobody knows whether it happened in ${last.run}` };
  }
  if (once.max !== undefined && last.ordinal >= once.max) {
    return { kind: "done", receipt: last, why: `done ${last.ordinal} times, at most ${once.max}` };
  }
  if (once.every === undefined || addMs(last.at, durationMs(once.every)) > at.now) {
    const rule = once.every === undefined ? "once only" : `not again within ${once.every}`;
    return { kind: "done", receipt: last, why: `done on ${last.at.slice(0, 10)}, ${rule}` };
  }
  return { kind: "do", ordinal: last.ordinal + 1 };
}

function isOwner(receipt: Receipt, owner: EffectOwner): boolean {
  return receipt.run === owner.run && receipt.step === owner.step && receipt.item === owner.item;
}
