/** What requests to a model cost, in whole millionths of a US dollar, never less than the provider takes. */
import type { ModelSettings, PriceTable } from "#runner/schema/types.gen.ts";
import {
  listedPrice,
  tokenPrice,
  type ModelPlace,
  type TokenPrice,
  type TokenRates,
} from "./price-table.ts";
import { inputTokens, type TokenUsage } from "./token-usage.ts";

export type ModelPrice =
  /** Costs nothing: a machine of one's own. */
  | { readonly kind: "zero" }
  /** Paid by the month; `shadow` is what it would cost by tokens, where that is known. */
  | { readonly kind: "subscription"; readonly shadow: Tariff | null }
  | { readonly kind: "priced"; readonly tariff: Tariff }
  /** Nobody knows: no request may be sent. */
  | { readonly kind: "unpriced"; readonly reason: string };

export interface Tariff {
  /** `fettle.yaml`, or the name of the model in the table. */
  readonly from: string;
  readonly current: TokenPrice;
  /** All that may count for a request that starts now. */
  readonly possible: readonly TokenPrice[];
}

const PICOS_PER_MICRO = 1_000_000n;

/** The price of a model of fettle.yaml at an instant: its own, else that of the table. */
export function priceOf(model: ModelSettings, table: PriceTable, at: string): ModelPrice {
  const { price = "catalog" } = model;
  if (price === "zero") return { kind: "zero" };
  if (typeof price === "object") {
    const own = tokenPrice({ rates: price, above: [] });
    return { kind: "priced", tariff: { from: "fettle.yaml", current: own, possible: [own] } };
  }
  const tariff = tariffOf(model, table, at);
  if (price === "subscription") return { kind: "subscription", shadow: tariff };
  if (tariff !== null) return { kind: "priced", tariff };
  const reason = `the price of ${model.model} (${model.provider}) is not known`;
  return { kind: "unpriced", reason };
}

function tariffOf(model: ModelSettings, table: PriceTable, at: string): Tariff | null {
  const listed = listedPrice(table, placeOf(model), at);
  if (listed === undefined) return null;
  const { name, current, possible } = listed;
  return { from: name, current, possible };
}

function placeOf({ provider, model, baseUrl }: ModelSettings): ModelPlace {
  const host = /^https?:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(baseUrl ?? "")?.[1];
  return { provider, model, ...(host !== undefined && { host }) };
}

/** Micro-USD of one request, rounded up once. */
export function costOfUsage(price: TokenPrice, used: TokenUsage): number {
  const rates = ratesFor(price, inputTokens(used));
  return microsUp([
    [used.inFresh, rates.input],
    [used.cacheRead, rates.cacheRead],
    [used.cacheWrite, rates.cacheWrite],
    [used.outText, rates.output],
    [used.reasoning, rates.reasoning],
    [1, rates.request],
  ]);
}

function ratesFor({ rates, above }: TokenPrice, input: number): TokenRates {
  return above.findLast(({ tokens }) => input > tokens)?.rates ?? rates;
}

function microsUp(lines: readonly (readonly [count: number, picos: number])[]): number {
  const picos = lines.reduce((sum, [count, rate]) => sum + BigInt(count) * BigInt(rate), 0n);
  return Number((picos + PICOS_PER_MICRO - 1n) / PICOS_PER_MICRO);
}
