/** What it means that a model could not be asked, in the runner's words. */
import { APICallError } from "ai";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { retryAfterMsOf } from "#runner/core/retry-after.ts";

export interface ModelFailure {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

/** An aborted request is a `timeout`: whoever cancelled knows better. */
export function modelFailure(error: unknown, signal: AbortSignal): ModelFailure {
  if (signal.aborted) return { outcome: "timeout", reason: "it did not answer in time" };
  if (APICallError.isInstance(error)) return refusalOf(error);
  return { outcome: "provider-error", reason: firstLine(error) };
}

function refusalOf(error: APICallError): ModelFailure {
  const { statusCode, responseHeaders = {} } = error;
  const reason =
    statusCode === undefined
      ? `no answer: ${firstLine(error)}`
      : `HTTP ${statusCode}: ${firstLine(error)}`;
  const retryAfter = responseHeaders["retry-after"];
  const retryAfterMs = retryAfterMsOf(retryAfter, Date.now());
  // An overloaded server that says when to come back limits the rate, whatever it calls it.
  const isOverload = statusCode === 503 || statusCode === 529;
  if (statusCode === 429 || (isOverload && retryAfterMs !== undefined)) {
    const when = retryAfter === undefined ? "" : ` (Retry-After: ${retryAfter.slice(0, 40)})`;
    return {
      outcome: "rate-limited",
      reason: reason + when,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  return { outcome: outcomeOf(statusCode, error.message), reason };
}

const BY_STATUS: Readonly<Record<number, Outcome>> = {
  401: "auth",
  402: "budget-exhausted",
  403: "auth",
  404: "missing-tool",
  413: "context-overflow",
};

function outcomeOf(status: number | undefined, message: string): Outcome {
  const isTooLong = /context (?:length|window|size)|too many tokens|maximum context|too long/i;
  if (status === 400 && isTooLong.test(message)) return "context-overflow";
  return BY_STATUS[status ?? 0] ?? "provider-error";
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}
