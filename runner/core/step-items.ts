/** The items of a step: one for each element of its list, named by their keys. */
import { dependsOnlyOn, evaluateValue } from "#runner/core/expression/evaluate.ts";
import { keyText } from "./identifier.ts";
import type { Scope } from "./run-scope.ts";

export const DEFAULT_MAX_ITEMS = 100;

export interface Item {
  /** null: the step has no list and is done once. */
  readonly item: string | null;
  readonly itemInput?: unknown;
}

export type Items =
  | { readonly ok: true; readonly list: readonly Item[] }
  | {
      readonly ok: false;
      readonly reason: "expression";
      readonly why: string;
      readonly unblock?: string;
    };

interface Listed {
  readonly id: string;
  readonly forEach?: string;
  readonly itemKey?: string;
  readonly maxItems?: number;
}

export function itemsOf(step: Listed, scope: Scope): Items {
  if (step.forEach === undefined) return { ok: true, list: [{ item: null }] };
  const list = evaluateValue(step.forEach, scope);
  if (!list.ok) return refused(list.reason);
  if (!Array.isArray(list.value)) return refused("forEach is not a list");
  const limit = step.maxItems ?? DEFAULT_MAX_ITEMS;
  if (list.value.length > limit) {
    const why = `${list.value.length} items, at most ${limit}`;
    return { ...refused(why), unblock: `raise maxItems of step ${step.id}, or narrow the list` };
  }
  return withKeys({ step, scope }, list.value);
}

/** What the expressions of an item see. */
export function itemScope(scope: Scope, { item, itemInput }: Item): Scope {
  return item === null ? scope : { ...scope, item: itemInput };
}

interface Place {
  readonly step: Listed;
  readonly scope: Scope;
}

const known = new WeakMap<readonly unknown[], Map<string, Items>>();

/** The same list comes back in every plan of a run: keys that follow from the items alone are found once. */
function withKeys(place: Place, items: readonly unknown[]): Items {
  const { itemKey = "" } = place.step;
  if (!dependsOnlyOn(itemKey, "item")) return keyed(place, items);
  const ofList = known.get(items) ?? new Map<string, Items>();
  known.set(items, ofList);
  const found = ofList.get(itemKey) ?? keyed(place, items);
  ofList.set(itemKey, found);
  return found;
}

function keyed({ step, scope }: Place, items: readonly unknown[]): Items {
  const seen = new Set<string>();
  for (const item of items) {
    const key = evaluateValue(step.itemKey ?? "", { ...scope, item });
    if (!key.ok) return refused(key.reason);
    const text = keyText(key.value);
    if (text === null) return refused("itemKey must give a text or a number");
    if (seen.has(text)) return refused(`two items have the key ${text}`);
    seen.add(text);
  }
  const list = [...seen].map((item, index) => ({ item, itemInput: items[index] }));
  return { ok: true, list };
}

function refused(why: string): Extract<Items, { ok: false }> {
  return { ok: false, reason: "expression", why };
}
