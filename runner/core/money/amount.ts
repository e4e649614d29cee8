/** What model work takes: money, tokens, requests, time. */
import type { Amount } from "#runner/schema/types.gen.ts";

export const NO_AMOUNT: Amount = { micros: 0, tokens: 0, requests: 0, ms: 0 };

export function plus(a: Amount, b: Amount): Amount {
  return {
    micros: a.micros + b.micros,
    tokens: a.tokens + b.tokens,
    requests: a.requests + b.requests,
    ms: a.ms + b.ms,
  };
}

export function sumOf(amounts: Iterable<Amount>): Amount {
  let sum = NO_AMOUNT;
  for (const amount of amounts) sum = plus(sum, amount);
  return sum;
}

/** Micro-dollars of a sum in a file; a fraction of one counts as nothing of a cap, which is then the stricter one. */
export function microsOf(usd: number): number {
  return Math.floor(Number((usd * 1_000_000).toFixed(3)));
}
