/** What is known by now of an effect that an attempt left in doubt. */
import { shellWord } from "./shell-word.ts";
import type { Known } from "./explanation.ts";
import type { AttemptRecord, RequestRecord } from "#runner/schema/types.gen.ts";

type Attempt = Pick<AttemptRecord, "effect" | "outcome" | "run">;

/** Effects that any attempt left in doubt: their receipts say more. */
export function doubtedBases({ observed, closed }: Pick<Known, "observed" | "closed">): string[] {
  const attempts = [...observed.runs.values(), ...closed.values()].flatMap((run) => run.attempts);
  return [...new Set(attempts.filter(leavesDoubt).flatMap(({ effect }) => effect?.base ?? []))];
}

export type LeftDoubt =
  /** It never was, or nothing is read of it. */
  | { readonly kind: "none" }
  | { readonly kind: "open" }
  /** The operator has said so, and no tick has recorded it yet. */
  | { readonly kind: "answered"; readonly by: string; readonly happened: boolean }
  | { readonly kind: "known"; readonly happened: boolean };

export function leftDoubt(attempt: Attempt, { observed }: Pick<Known, "observed">): LeftDoubt {
  const { effect, run } = attempt;
  const record = effect === undefined ? undefined : observed.receipts.get(effect.base);
  if (!leavesDoubt(attempt) || effect === undefined || !record) return { kind: "none" };
  // A time that did not happen is free again, and may be another run's by now.
  const ours = record.receipts.find((one) => one.ordinal === effect.ordinal && one.run === run);
  if (ours === undefined) return { kind: "known", happened: false };
  if (ours.state === "happened") return { kind: "known", happened: true };
  if (ours.state === "intended") return { kind: "none" };
  const answer = observed.requests.find((request) => isAnswerTo(request, effect));
  return answer?.kind === "answer"
    ? { kind: "answered", by: answer.by, happened: answer.happened }
    : { kind: "open" };
}

/** What the operator can do about an effect in doubt. */
export function doubtUnblock(onceKey: string): string {
  return `fettle answer ${shellWord(onceKey)} happened, or did-not`;
}

/** What is to be added to the outcome; nothing while the doubt is open. */
export function doubtWords(doubt: LeftDoubt): string {
  switch (doubt.kind) {
    case "none":
    case "open":
      return "";
    case "answered":
      return `; ${doubt.by} says that it ${happenedWord(doubt.happened)}: the next reconcile records that`;
    case "known":
      return `; since then it is known that it ${happenedWord(doubt.happened)}`;
  }
}

function happenedWord(happened: boolean): string {
  return happened ? "happened" : "did not happen";
}

function leavesDoubt({ outcome, effect }: Omit<Attempt, "run">): boolean {
  return effect !== undefined && (outcome === "uncertain" || outcome === null);
}

function isAnswerTo(
  request: RequestRecord,
  { base, ordinal }: NonNullable<Attempt["effect"]>,
): boolean {
  return request.kind === "answer" && request.base === base && request.ordinal === ordinal;
}
