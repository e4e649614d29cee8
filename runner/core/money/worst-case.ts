/** What a model request can cost at most, before anybody knows what it will cost. */
import type { Cost } from "./reservation.ts";
import { NO_TOKENS, type TokenUsage } from "./token-usage.ts";

/** Whole millionths of a US dollar. */
export type PriceOf = (usage: TokenUsage) => number;

/** Cost when every token falls into the dearest bucket of its side. */
export function dearestCost(price: PriceOf, input: number, output: number): number {
  const ins = [{ inFresh: input }, { cacheRead: input }, { cacheWrite: input }];
  const outs = [{ outText: output }, { reasoning: output }];
  return Math.max(
    ...ins.flatMap((one) => outs.map((other) => price({ ...NO_TOKENS, ...one, ...other }))),
  );
}

/** Largest number of output tokens, `most` at most, that the amount pays beside the input. */
export function outputWithin(
  price: PriceOf,
  input: number,
  { amount, most }: { readonly amount: Cost; readonly most: number },
): number {
  const pays = (output: number): boolean =>
    dearestCost(price, input, output) <= amount.micros && input + output <= amount.tokens;
  let enough = 0;
  let tooMuch = most + 1;
  while (tooMuch - enough > 1) {
    const middle = Math.floor((enough + tooMuch) / 2);
    if (pays(middle)) enough = middle;
    else tooMuch = middle;
  }
  return enough;
}
