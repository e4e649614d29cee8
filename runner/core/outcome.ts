/** What follows from the way an attempt ended. */
import type { Agent, Outcome } from "#runner/schema/types.gen.ts";

/** How a unit ends for which nothing is executed. */
export type AdoptedOutcome = Extract<
  Outcome,
  "succeeded" | "noop" | "uncertain" | "cancelled" | "no-progress" | "permission-denied"
>;

/** True when the step has what it wanted. */
export function isDone(outcome: Outcome): boolean {
  return outcome === "succeeded" || outcome === "noop";
}

const handsOver: Readonly<Record<Outcome, boolean>> = {
  "missing-tool": true,
  "schema-invalid": true,
  "budget-exhausted": true,
  "no-progress": true,
  timeout: true,
  "rate-limited": true,
  "context-overflow": true,
  auth: true,
  "provider-error": true,
  crashed: true,
  succeeded: false,
  noop: false,
  "missing-data": false,
  "permission-denied": false,
  cancelled: false,
  uncertain: false,
};

/** True when the next rung of the ladder may do better: the rung failed, not the work. */
export function stepsDown(outcome: Outcome): boolean {
  return handsOver[outcome];
}

/** An agent that was only asked knows that it happened, or nobody knows. */
export function askedOutcome(outcome: Outcome): Outcome {
  return isDone(outcome) ? outcome : "uncertain";
}

/**
 * Outcome of an external effect whose program was started.
 * After a failure the effect may have happened all the same: where the agent can neither repeat it under the same key
 * (`native`) nor tell (`probe`), only a person can find out. `missing-*` and `rate-limited` are the agent's own word that
 * nothing was done.
 */
export function effectOutcome(
  outcome: Outcome,
  idempotency: NonNullable<Agent["idempotency"]>,
): Outcome {
  return isDone(outcome) || SAYS_NO.has(outcome) || idempotency !== "none" ? outcome : "uncertain";
}

const SAYS_NO: ReadonlySet<Outcome> = new Set(["missing-tool", "missing-data", "rate-limited"]);
