/** What an attempt took of its grant. */
import { NO_AMOUNT, plus } from "./amount.ts";
import type { Amount, AttemptRecord } from "#runner/schema/types.gen.ts";

export interface Spend {
  readonly micros: number;
  readonly tokens: number;
  readonly requests: number;
  /** Where the money is known from. */
  readonly basis: AttemptRecord["basis"];
  /** By `<provider>/<model>`. */
  readonly models: Readonly<Record<string, Amount>>;
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
      basis: lessSure(sum.basis, part.basis),
      models: byModel(sum.models, part.models),
    }),
    NO_SPEND,
  );
}

export const NO_SPEND: Spend = { micros: 0, tokens: 0, requests: 0, basis: "free", models: {} };

function lessSure(a: Spend["basis"], b: Spend["basis"]): Spend["basis"] {
  return BASES.indexOf(b) > BASES.indexOf(a) ? b : a;
}

function byModel(a: Spend["models"], b: Spend["models"]): Spend["models"] {
  const sums = new Map(Object.entries(a));
  for (const [model, amount] of Object.entries(b)) {
    sums.set(model, plus(sums.get(model) ?? NO_AMOUNT, amount));
  }
  return Object.fromEntries(sums);
}
