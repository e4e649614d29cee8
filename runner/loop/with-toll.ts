/** What was paid before an agent began, counted as a part of its attempt. */
import { NO_SPEND, totalSpend } from "#runner/core/money/spend.ts";
import type { Result } from "#runner/runtimes/invocation.ts";
import type { Toll } from "#runner/runtimes/model-door.ts";
import type { Hearing } from "./engine.ts";

export function withToll(result: Result, toll: Toll | null): Result {
  if (toll === null || toll.calls.length === 0) return result;
  const { spend = NO_SPEND, calls = [], prices = toll.prices } = result;
  return {
    ...result,
    spend: totalSpend([toll.spend, spend]),
    calls: [...toll.calls, ...calls],
    prices,
  };
}

/** Told all that is taken of the grant, the agent's requests on top of what was paid before. */
export function holdingAfter(toll: Toll | null, hold: Hearing["hold"]): Hearing["hold"] {
  if (toll === null) return hold;
  const { micros, tokens, requests } = toll.spend;
  return (amount) =>
    hold({
      micros: amount.micros + micros,
      tokens: amount.tokens + tokens,
      requests: amount.requests + requests,
    });
}
