/** Which outcomes may pass when tried again, and when. */
import { HOUR_MS } from "./duration.ts";
import type { AttemptRecord, Outcome, Pipeline } from "#runner/schema/types.gen.ts";

const DEFAULT_ATTEMPTS = 2;
const BASE_DELAY_MS = 30_000;
const MAX_DELAY_MS = HOUR_MS;

export function isRetryable(outcome: Outcome): boolean {
  switch (outcome) {
    case "timeout":
    case "rate-limited":
    case "provider-error":
    case "crashed":
    case "schema-invalid":
      return true;
    case "succeeded":
    case "noop":
    case "missing-tool":
    case "missing-data":
    case "permission-denied":
    case "budget-exhausted":
    case "no-progress":
    case "context-overflow":
    case "auth":
    case "cancelled":
    case "uncertain":
      return false;
  }
}

/** Wait after attempt number `attempt`: 30 s, doubled each time, at most an hour. */
export function retryDelayMs(attempt: number): number {
  return Math.min(BASE_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS);
}

/** True when the unit is over: it succeeded, or no further attempt is due. */
export function isFinal(attempt: AttemptRecord, limit: number): boolean {
  return attempt.outcome !== null && (!isRetryable(attempt.outcome) || attempt.attempt >= limit);
}

/** Attempts in all that a step may take. */
export function attemptLimit(pipeline: Pipeline, step: string): number {
  const found = pipeline.steps.find(({ id }) => id === step);
  return (
    (found !== undefined && "agent" in found ? found.retry?.limit : undefined) ?? DEFAULT_ATTEMPTS
  );
}
