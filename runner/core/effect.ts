/** External effects: at most once per key, across runs. */
import { addMs } from "#runner/core/time/instant.ts";
import { digestOf } from "./canonical-json.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import type { EffectPlan } from "./action.ts";
import type { Once, Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

/** Names the effect without the run: three triggers still send one mail. */
export function effectBase(project: string, agent: string, onceKey: string): string {
  return digestOf({ project, agent, onceKey });
}

export function effectPlan(base: string, onceKey: string, ordinal: number): EffectPlan {
  return { key: digestOf({ base, ordinal }), base, ordinal, onceKey };
}

/** Names the undoing of one time of an effect by that alone, whoever does it: twice undone would be once too often. */
export function undoBase({ base, ordinal }: Pick<EffectPlan, "base" | "ordinal">): string {
  return digestOf({ undoes: effectPlan(base, "", ordinal).key });
}

/** How the undoing is called; an agent's name has no colon, so no two are called the same in a project. */
export function undoName(agent: string, { onceKey, ordinal }: UndoneEffect): string {
  return `undo/${agent}${ordinal === 1 ? "" : `:${ordinal}`}/${onceKey}`;
}

type UndoneEffect = Pick<EffectPlan, "onceKey" | "ordinal">;

/** Who asks: the receipts of the same unit are its own intent, those of others are not. */
export interface EffectOwner {
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
}

export type EffectDecision =
  | { readonly kind: "do"; readonly ordinal: number }
  /** `runner`: who intended it, and may be about to do it still. */
  | { readonly kind: "resume"; readonly ordinal: number; readonly runner: string | null }
  | { readonly kind: "done"; readonly receipt: Receipt; readonly why: string }
  | { readonly kind: "wait"; readonly receipt: Receipt };

/** Whether the effect may happen now, given every earlier time; `uncertain` occupies its ordinal. */
export function decideEffect(
  record: ReceiptRecord | null,
  once: Once,
  at: { readonly now: string; readonly owner: EffectOwner },
): EffectDecision {
  const last = record?.receipts.at(-1);
  if (last === undefined) return { kind: "do", ordinal: 1 };
  switch (last.state) {
    case "intended":
      return isOwner(last, at.owner)
        ? { kind: "resume", ordinal: last.ordinal, runner: last.runner ?? null }
        : { kind: "wait", receipt: last };
    case "uncertain":
      return { kind: "wait", receipt: last };
    case "happened": {
      const why = whyNotAgain(last, once, at.now);
      return why === null
        ? { kind: "do", ordinal: last.ordinal + 1 }
        : { kind: "done", receipt: last, why };
    }
  }
}

/** null when it may happen once more. */
function whyNotAgain(last: Receipt, once: Once, now: string): string | null {
  const { every, max } = once;
  if (max !== undefined && last.ordinal >= max) {
    return `done ${last.ordinal} times, at most ${max}`;
  }
  const day = last.at.slice(0, 10);
  if (every === undefined) return `done on ${day}, once only`;
  return addMs(last.at, durationMs(every)) > now
    ? `done on ${day}, not again within ${every}`
    : null;
}

/** Of the limits that a run is pinned to and those in force now the stricter hold. */
export function stricterOnce(pinned: Once, current: Once | undefined): Once {
  if (current === undefined) return pinned;
  const { every: _, max: __, ...rest } = pinned;
  const every = longer(pinned.every, current.every);
  const max = Math.min(pinned.max ?? Infinity, current.max ?? Infinity);
  return {
    ...rest,
    ...(every === undefined ? {} : { every }),
    ...(Number.isFinite(max) ? { max } : {}),
  };
}

/** Without a duration it may never happen again, which is the longest. */
function longer(a: Once["every"], b: Once["every"]): Once["every"] {
  if (a === undefined || b === undefined) return undefined;
  return durationMs(a) >= durationMs(b) ? a : b;
}

function isOwner(receipt: Receipt, owner: EffectOwner): boolean {
  return receipt.run === owner.run && receipt.step === owner.step && receipt.item === owner.item;
}
