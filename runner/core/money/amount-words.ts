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

/** The next amount that reads well: two digits of money, tokens and requests, whole minutes. */
export function roundedUp(axis: Axis, amount: number): number {
  if (axis === "ms") return Math.ceil(amount / MINUTE_MS) * MINUTE_MS;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, amount))) - 1);
  return Math.ceil(amount / unit) * unit;
}

/** As a budget says it: `0.5`, `1200`, `90m`. */
export function capText(axis: Axis, amount: number): string {
  switch (axis) {
    case "micros":
      return String(Number((amount / 1_000_000).toFixed(6)));
    case "tokens":
    case "requests":
      return String(amount);
    case "ms":
      return `${Math.ceil(amount / MINUTE_MS)}m`;
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
