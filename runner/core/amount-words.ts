/** Amounts in words. */
import type { Axis } from "./budget.ts";
import type { Amount, Budget } from "#runner/schema/types.gen.ts";

const AXES: readonly Axis[] = ["micros", "tokens", "requests", "ms"];

const FIELDS: Readonly<Record<Axis, string>> = {
  micros: "usd",
  tokens: "tokens",
  requests: "requests",
  ms: "wall",
};

/** The key of a budget or of limits that it stands under. */
export function axisField(axis: Axis): string {
  return FIELDS[axis];
}

/** `per day`, `in total`. */
export function perWords(per: Budget["per"]): string {
  return per === "total" ? "in total" : `per ${per}`;
}

const MINUTE_MS = 60_000;

/** `0.05 USD`, `1200 tokens`, `3 requests`, `2 min`. */
export function amountWords(axis: Axis, amount: number): string {
  switch (axis) {
    case "micros":
      return `${Number((amount / 1_000_000).toFixed(6))} USD`;
    case "tokens":
      return `${amount} tokens`;
    case "requests":
      return `${amount} requests`;
    case "ms":
      return `${Number((amount / MINUTE_MS).toFixed(1))} min`;
  }
}

/** What is only guessed: `about 0.076 USD`, to two digits. */
export function aboutWords(axis: Axis, amount: number): string {
  return `about ${amountWords(axis, Number(amount.toPrecision(2)))}`;
}

/** All of it: `0.05 USD, 3 requests`. */
export function amountsWords(amount: Amount): string {
  const words = AXES.filter((axis) => amount[axis] > 0).map((axis) =>
    amountWords(axis, amount[axis]),
  );
  return words.join(", ") || "nothing that counts";
}
