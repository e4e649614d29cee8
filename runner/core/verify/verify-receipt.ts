/** External effects: an intent before each, and no ordinal twice. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { RuleProblem } from "./verify-finding.ts";
import { same } from "./verify-written.ts";
import type { Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

/** Events that may change a receipt. */
export type EffectEvent = Extract<
  LedgerEvent,
  { kind: "effect-intended" | "step-finished" | "effect-answered" }
>;

interface Change {
  readonly ordinal: number;
  readonly was: Receipt | undefined;
  readonly is: Receipt | undefined;
  /** Those of this ordinal. */
  readonly events: readonly EffectEvent[];
}

/** `events`: those of the commit that concern this record. */
export function receiptProblems(
  before: ReceiptRecord | undefined,
  after: ReceiptRecord | undefined,
  events: readonly EffectEvent[],
): readonly RuleProblem[] {
  const all = [...(before?.receipts ?? []), ...(after?.receipts ?? [])];
  const named = events.flatMap(({ effect }) => (effect === null ? [] : [effect.ordinal]));
  const ordinals = new Set([...all.map(({ ordinal }) => ordinal), ...named]);
  const changes = [...ordinals].map((ordinal): Change => ({
    ordinal,
    was: before?.receipts.find((receipt) => receipt.ordinal === ordinal),
    is: after?.receipts.find((receipt) => receipt.ordinal === ordinal),
    events: events.filter(({ effect }) => effect?.ordinal === ordinal),
  }));
  const lost = after === undefined && before !== undefined;
  return [
    ...(lost ? [{ rule: "record", message: "the receipts are gone" } as const] : []),
    ...changes.flatMap((change) => problemOf(change) ?? []),
  ];
}

function problemOf(change: Change): RuleProblem | null {
  const { ordinal, was, is, events } = change;
  const time = `time ${ordinal} of the effect`;
  if (was?.state === "happened") return happenedAgain(change, time);
  if (same(was, is)) return unrecorded(change, time);
  if (events.length === 0) {
    return { rule: "record", message: `${time} was changed, no event says so` };
  }
  if (was === undefined) return unintended(change, time);
  return isOwned(change)
    ? null
    : { rule: "record", message: `${time} is recorded for another step` };
}

/** The first that is heard of an effect is its intent. */
function unintended({ is, events }: Change, time: string): RuleProblem | null {
  const isIntent = events.some((event) => event.kind === "effect-intended" && !event.takenOver);
  if (isIntent && is?.state === "intended") return null;
  const message = `${time} is recorded as ${is?.state ?? "free"} without an intent before it`;
  return { rule: "effect-unintended", message };
}

/** What has happened stays as it is. */
function happenedAgain({ was, is, events }: Change, time: string): RuleProblem | null {
  if (events.some(leavesMark))
    return { rule: "effect-twice", message: `${time} had happened already` };
  return same(was, is)
    ? null
    : { rule: "effect-twice", message: `${time} had happened, and its receipt was changed` };
}

/** An event that must leave its mark has left none. */
function unrecorded({ is, events }: Change, time: string): RuleProblem | null {
  const message =
    is === undefined ? `${time} has no receipt` : `the receipt of ${time} was not changed`;
  return events.some(leavesMark) ? { rule: "record", message } : null;
}

function leavesMark(event: EffectEvent): boolean {
  switch (event.kind) {
    case "effect-intended":
      return true;
    case "step-finished":
      return event.outcome === "succeeded";
    case "effect-answered":
      return event.answer === "happened";
  }
}

function isOwned({ is, events }: Change): boolean {
  return (
    is === undefined ||
    events.some(({ run, step, item }) => is.run === run && is.step === step && is.item === item)
  );
}
