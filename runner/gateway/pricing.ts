/** What the tokens of a model cost. */
import type { PriceOf } from "#runner/core/money/worst-case.ts";
import type { Upstream } from "./upstream.ts";

export interface Pricing {
  readonly price: PriceOf;
  readonly basis: "metered" | "subscription";
  /** What a subscription would cost; null where nobody knows. */
  readonly shadow: PriceOf | null;
}

const FREE: PriceOf = () => 0;

/** Undefined where the model has no price. */
export function pricingOf({ price }: Upstream): Pricing | undefined {
  if (price === null) return undefined;
  if (price === "zero") return { price: FREE, basis: "metered", shadow: null };
  if (typeof price === "function") return { price, basis: "metered", shadow: null };
  return { price: FREE, basis: "subscription", shadow: price.subscription };
}
