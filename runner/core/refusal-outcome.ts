/** What a request to a model was refused for, and how an attempt ends that could do nothing about it. */
import type { Shortage } from "#runner/core/money/reservation.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";

export type RefusalReason =
  | Shortage
  | "unpriced"
  | "model-not-allowed"
  | "not-metered"
  | "no-progress"
  | "rate-limited"
  | "ended"
  | "unreachable"
  | "unreadable"
  | "too-large"
  | "unknown-path"
  | "unauthorized";

const OUTCOMES: Readonly<Record<RefusalReason, Outcome>> = {
  budget: "budget-exhausted",
  tokens: "budget-exhausted",
  requests: "budget-exhausted",
  overrun: "budget-exhausted",
  unpriced: "budget-exhausted",
  "no-progress": "no-progress",
  "model-not-allowed": "permission-denied",
  "not-metered": "permission-denied",
  unauthorized: "permission-denied",
  "rate-limited": "rate-limited",
  ended: "timeout",
  unreachable: "provider-error",
  unreadable: "provider-error",
  "unknown-path": "provider-error",
  "too-large": "context-overflow",
};

export function outcomeOfRefusal(reason: RefusalReason): Outcome {
  return OUTCOMES[reason];
}
