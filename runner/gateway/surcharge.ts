/** Fields of a request that change the price of its tokens, or cost something beside them. */
import type { JsonObject } from "#runner/core/json-object.ts";

export const OWN_PRICE = "has a price of its own";

export interface PricedField {
  readonly field: string;
  /** Values that change nothing; an absent field never does. */
  readonly harmless: readonly unknown[];
  readonly problem: string;
}

/** What is wrong with the first of them that is set; undefined where none is. */
export function surcharge(body: JsonObject, fields: readonly PricedField[]): string | undefined {
  const found = fields.find(({ field, harmless }) => {
    const value = body[field] ?? undefined;
    return value !== undefined && !harmless.some((one) => isSame(one, value));
  });
  return found === undefined ? undefined : `${found.field} ${found.problem}`;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
