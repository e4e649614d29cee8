/** What an attempt took of its grant. */
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

export interface Spend {
  readonly micros: number;
  readonly tokens: number;
  readonly requests: number;
  /** Where the money is known from. */
  readonly basis: AttemptRecord["basis"];
}

/** From the surest to the least sure. */
const BASES: readonly AttemptRecord["basis"][] = [
  "free",
  "metered",
  "subscription",
  "reported",
  "estimated",
];

/** The sum; it is as sure as the least sure part. */
export function totalSpend(parts: readonly Spend[]): Spend {
  return parts.reduce<Spend>(
    (sum, part) => ({
      micros: sum.micros + part.micros,
      tokens: sum.tokens + part.tokens,
      requests: sum.requests + part.requests,
      basis: BASES.indexOf(part.basis) > BASES.indexOf(sum.basis) ? part.basis : sum.basis,
    }),
    { micros: 0, tokens: 0, requests: 0, basis: "free" },
  );
}
