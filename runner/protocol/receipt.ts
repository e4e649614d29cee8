/** What a result that comes late means for the record of its effect. */
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

export type EffectNamed = NonNullable<EventOf<"step-finished">["effect"]>;

/** null: that time of the effect is not recorded. */
export function stateOf(record: object | undefined, ordinal: number): Receipt["state"] | null {
  return receiptAt(record, ordinal)?.state ?? null;
}

/** Whether this runner alone may have acted under the intent: whoever takes it over stands there from then on. */
export function isHeldBy(
  runner: string,
  record: ReceiptRecord | null | undefined,
  ordinal: number,
): boolean {
  const there = receiptAt(record ?? undefined, ordinal);
  return (there?.runner ?? runner) === runner;
}

function receiptAt(record: object | undefined, ordinal: number): Receipt | undefined {
  return receiptsOf(record).find((receipt) => receipt.ordinal === ordinal);
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
  const asked = { newest, ordinal: effect.ordinal, by: { run, step, item } };
  if (answer === null || answer === "intended" || !isNews(answer, asked)) return null;
  return {
    kind: "effect-answered",
    at,
    project,
    run,
    step,
    item,
    agent,
    effect,
    answer,
    by: "runner",
    reason: "its result arrived after the attempt was given up",
    request: null,
  };
}

type Unit = Pick<Receipt, "run" | "step" | "item">;

/**
 * Whether the newest record of an effect still asks what this says. That it happened is so whoever asks, and a doubt is one's
 * own intent's alone. That nothing came of it is no news: whoever has ended the attempt meanwhile may have acted before.
 */
export function isNews(
  answer: Receipt["state"] | null,
  asked: {
    readonly newest: ReceiptRecord | undefined;
    readonly ordinal: number;
    readonly by: Unit;
  },
): boolean {
  const { newest, ordinal, by } = asked;
  const there = receiptAt(newest, ordinal);
  if (answer === null || there === undefined || there.state === "happened") return false;
  if (answer === "happened") return true;
  const isOwn = there.run === by.run && there.step === by.step && there.item === by.item;
  return isOwn && there.state === "intended";
}

function receiptsOf(record: object | undefined): readonly Receipt[] {
  return record !== undefined && isReceipts(record) ? record.receipts : [];
}
