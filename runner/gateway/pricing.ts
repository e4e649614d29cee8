/** What the tokens of a model cost. */
import type { PriceOf } from "#runner/core/worst-case.ts";
import type { Settings } from "./options.ts";
import type { Upstream } from "./upstream.ts";

export interface Pricing {
  readonly price: PriceOf;
  readonly basis: "metered" | "subscription";
  /** What a subscription would cost; null where nobody knows. */
  readonly shadow: PriceOf | null;
}

const FREE: PriceOf = () => 0;

/** Undefined where the model has no price. */
export function pricingOf(
  { provider, price }: Upstream,
  model: string,
  settings: Settings,
): Pricing | undefined {
  if (price === "zero") return { price: FREE, basis: "metered", shadow: null };
  if (typeof price === "function") return { price, basis: "metered", shadow: null };
  if (price !== "listed") {
    return { price: FREE, basis: "subscription", shadow: price.subscription };
  }
  const listed = listedPrice(settings, provider, model);
  return listed === null ? undefined : { price: listed, basis: "metered", shadow: null };
}

function listedPrice(
  settings: Settings,
  provider: Upstream["provider"],
  model: string,
): PriceOf | null {
  const probe = { inFresh: 1, cacheRead: 0, cacheWrite: 0, outText: 1, reasoning: 0 };
  if (settings.price(provider, model, probe) === undefined) return null;
  return (usage) => settings.price(provider, model, usage) ?? Infinity;
}
