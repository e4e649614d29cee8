/** What a result that comes late means for the record of its effect. */
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

export type EffectNamed = NonNullable<EventOf<"step-finished">["effect"]>;

/** null: that time of the effect is not recorded. */
export function stateOf(record: object | undefined, ordinal: number): Receipt["state"] | null {
  return receiptsOf(record).find((receipt) => receipt.ordinal === ordinal)?.state ?? null;
}

export function isReceipts(record: object): record is ReceiptRecord {
  return "receipts" in record && "onceKey" in record;
}

/** The newest record of an effect, with our time in it as we know it. */
export function withOurs(
  newest: ReceiptRecord | undefined,
  ordinal: number,
  ours: object,
): ReceiptRecord {
  const ground = newest ?? (isReceipts(ours) ? ours : undefined);
  if (ground === undefined) throw new Error("a result of an effect without a record of the effect");
  const others = ground.receipts.filter((receipt) => receipt.ordinal !== ordinal);
  const mine = receiptsOf(ours).filter((receipt) => receipt.ordinal === ordinal);
  const receipts = [...others, ...mine].toSorted((a, b) => a.ordinal - b.ordinal);
  return { ...ground, receipts };
}

type EffectResult = EventOf<"step-finished"> & { readonly effect: EffectNamed };

/** What a result says of an effect whose attempt is over; null where the newest record knows it already. */
export function lateAnswer(
  { at, project, run, step, item, agent, effect }: EffectResult,
  ours: ReceiptRecord,
  newest: ReceiptRecord | undefined,
): EventOf<"effect-answered"> | null {
  const answer = stateOf(ours, effect.ordinal);
  const there = stateOf(newest, effect.ordinal);
  const isNews = there === "intended" || (there === "uncertain" && answer !== "uncertain");
  if (!isNews || answer === "intended") return null;
  return {
    kind: "effect-answered",
    at,
    project,
    run,
    step,
    item,
    agent,
    effect,
    answer: answer ?? "did-not",
    by: "runner",
    reason: "its result arrived after the attempt was given up",
    request: null,
  };
}

function receiptsOf(record: object | undefined): readonly Receipt[] {
  return record !== undefined && isReceipts(record) ? record.receipts : [];
}
