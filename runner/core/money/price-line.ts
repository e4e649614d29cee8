/** The prices of the models of fettle.yaml, as they are shown and compared. */
import type { PriceTable, Workspace } from "#runner/schema/types.gen.ts";
import { priceOf } from "./price.ts";

export interface PriceLine {
  /** In fettle.yaml. */
  readonly name: string;
  readonly model: string;
  /** Where the price comes from; null: nobody knows it, and no request is sent. */
  readonly from: string | null;
  /** US dollars per million tokens, of requests that are not long. */
  readonly input: number | null;
  readonly output: number | null;
}

const PER_MILLION = 1_000_000;

export function priceLines(
  { models = {} }: Pick<Workspace, "models">,
  table: PriceTable,
  at: string,
): readonly PriceLine[] {
  return Object.entries(models).map(([name, settings]) => {
    const price = priceOf(settings, table, at);
    const { model } = settings;
    switch (price.kind) {
      case "zero":
        return { name, model, from: "zero", input: 0, output: 0 };
      case "unpriced":
        return { name, model, from: null, input: null, output: null };
      case "subscription": {
        const rates = price.shadow?.current.rates;
        return { name, model, from: "subscription", ...dollars(rates) };
      }
      case "priced":
        return { name, model, from: price.tariff.from, ...dollars(price.tariff.current.rates) };
    }
  });
}

function dollars(
  rates: { readonly input: number; readonly output: number } | undefined,
): Pick<PriceLine, "input" | "output"> {
  if (rates === undefined) return { input: null, output: null };
  return { input: rates.input / PER_MILLION, output: rates.output / PER_MILLION };
}

/** The lines that another table would change, as they are and as they would be. */
export function changedLines(
  before: readonly PriceLine[],
  after: readonly PriceLine[],
): readonly { readonly before: PriceLine; readonly after: PriceLine }[] {
  return before.flatMap((line, index) => {
    const other = after[index];
    const isSame = other?.input === line.input && other.output === line.output;
    return other === undefined || isSame ? [] : [{ before: line, after: other }];
  });
}
