import type { Refusal } from "./refusal.ts";
import { refuse } from "./respond.ts";
import type { AnyVisit } from "./visit.ts";

export interface Meant {
  readonly upstream?: { readonly name: string };
  readonly asked?: { readonly model: string };
}

/** Refuses in the format of the provider, and remembers why. */
export function turnAway(visit: AnyVisit, refusal: Refusal, { upstream, asked }: Meant): void {
  visit.account.refuse(refusal, upstream?.name ?? null, asked?.model ?? null);
  refuse(visit.response, refusal, visit.format.errorBody(refusal));
}
