/** What an expression reads of the variables in scope: `["steps", "find", "outputs", "overdue"]`. */
import { applyRule, chainOf, type Rules, type Tree } from "./expression-tree.ts";

/** Variable and fields of every chain, each once, in order of appearance; what follows a position is left out. */
export function referencesOf(tree: Tree): readonly (readonly string[])[] {
  const references = new Map<string, readonly string[]>();
  collect(tree, new Set(), references);
  return [...references.values()];
}

type Locals = ReadonlySet<string>;

/** The trees directly inside a tree, each with the variables that hide those of the scope there. */
const PARTS: Rules<Locals, readonly (readonly [Tree, Locals])[]> = {
  literal: () => [],
  variable: () => [],
  field: ({ object }, locals) => [[object, locals]],
  element: ({ object, key }, locals) => [
    [object, locals],
    [key, locals],
  ],
  present: ({ target }, locals) => [[target, locals]],
  orValue: ({ target, otherwise }, locals) => [
    [target, locals],
    [otherwise, locals],
  ],
  not: ({ operand }, locals) => [[operand, locals]],
  negative: ({ operand }, locals) => [[operand, locals]],
  and: ({ operands }, locals) => operands.map((operand) => [operand, locals]),
  or: ({ operands }, locals) => operands.map((operand) => [operand, locals]),
  choice: (tree, locals) => [
    [tree.condition, locals],
    [tree.whenTrue, locals],
    [tree.whenFalse, locals],
  ],
  operation: ({ left, right }, locals) => [
    [left, locals],
    [right, locals],
  ],
  call: (tree, locals) => tree.arguments.map((argument) => [argument, locals]),
  macro: ({ list, condition, result, variable }, locals) => {
    const inside = new Set([...locals, variable]);
    const bodies = [condition, result].filter((body) => body !== undefined);
    return [[list, locals], ...bodies.map((body) => [body, inside] as const)];
  },
  list: ({ items }, locals) => items.map((item) => [item, locals]),
  map: ({ entries }, locals) =>
    entries.flatMap(({ key, value }) => [
      [key, locals],
      [value, locals],
    ]),
};

function collect(tree: Tree, locals: Locals, references: Map<string, readonly string[]>): void {
  const chain = chainOf(tree);
  const [root] = chain ?? [];
  if (chain?.every((link) => typeof link === "string") && root !== undefined) {
    if (!locals.has(String(root))) references.set(JSON.stringify(chain), chain);
    return;
  }
  for (const [part, hidden] of applyRule(PARTS, tree, locals)) collect(part, hidden, references);
}
