/** What an attempt may ask. */
import type { PriceOf } from "#runner/core/money/worst-case.ts";
import type { PlaceLimits } from "./provider-place.ts";
import type { ProviderKind } from "./provider-format.ts";

export interface Upstream {
  /** As the agent's base URL names it; unique within the account. */
  readonly name: string;
  readonly provider: ProviderKind;
  /** Of OpenAI's formats with `/v1`, of the others without. */
  readonly baseUrl: string;
  readonly model: string;
  /** Further models that may be asked. */
  readonly models?: readonly string[];
  /** Real key; undefined for servers that want none. */
  readonly key?: string;
  /** How often it may be asked, by all accounts together. */
  readonly limits?: PlaceLimits;
  /** null: nobody knows, so it is not asked. A subscription costs 0, and shows what it would have cost, if that is known. */
  readonly price: null | "zero" | { readonly subscription: PriceOf | null } | PriceOf;
}

export function modelsOf({ model, models = [] }: Upstream): readonly string[] {
  return [...new Set([model, ...models])];
}
