/** Which reads a condition proves to find a value: `has(a.b) && a.b > 1`. */
import { chainOf, isRead, type Tree } from "./expression-tree.ts";

/**
 * Keys ({@link guardKey}) of the reads that are known to find a value, not null, where the condition came out as
 * `outcome` without a hold.
 */
export function knownWhen(condition: Tree, outcome: boolean): ReadonlySet<string> {
  if (condition.kind === "present") return outcome ? keysAlong(condition.target) : new Set();
  if (condition.kind === "not") return knownWhen(condition.operand, !outcome);
  if (condition.kind !== "and" && condition.kind !== "or") return new Set();
  const each = condition.operands.map((operand) => knownWhen(operand, outcome));
  const allHappened = outcome === (condition.kind === "and");
  return each.reduce((known, next) => (allHappened ? known.union(next) : known.intersection(next)));
}

/** Names a read, the same wherever it is written; nothing for one that no guard can speak of. */
export function guardKey(tree: Tree): string | undefined {
  const chain = chainOf(tree);
  return chain === undefined ? undefined : JSON.stringify(chain);
}

/** What stays known where a macro's variable hides one of the same name. */
export function withoutVariable(known: ReadonlySet<string>, variable: string): ReadonlySet<string> {
  const prefix = `[${JSON.stringify(variable)}`;
  return new Set([...known].filter((key) => !key.startsWith(`${prefix},`) && key !== `${prefix}]`));
}

/** A read that found a value did so at every link of its chain. */
function keysAlong(target: Tree): ReadonlySet<string> {
  const keys = new Set<string>();
  for (let tree = target; ; tree = tree.object) {
    const key = guardKey(tree);
    if (key !== undefined) keys.add(key);
    if (!isRead(tree)) return keys;
  }
}
