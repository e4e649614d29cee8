/** The syntax of expressions, as fettle gives meaning to it: CEL's tree with the tests for presence made explicit. */

/** `offset` and `length` count UTF-16 units of the source. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "<"
  | "<="
  | ">"
  | ">="
  | "=="
  | "!="
  | "in";

export type Literal = null | boolean | string | number | bigint;

export type MacroName = "all" | "exists" | "exists_one" | "filter" | "map";

/** What each kind of tree holds beside its kind and place. */
interface Contents {
  literal: { readonly value: Literal };
  variable: { readonly name: string };
  /** `object.name` and `object["name"]`; `optional` if written `.?name`, or behind such a read. */
  field: { readonly object: Tree; readonly name: string; readonly optional: boolean };
  /** An element by position or computed key. */
  element: { readonly object: Tree; readonly key: Tree; readonly optional: boolean };
  /** `has(x)`, `x != null`, `x.?y.hasValue()`; their negation is wrapped in `not`. */
  present: { readonly target: Tree };
  orValue: { readonly target: Tree; readonly otherwise: Tree };
  not: { readonly operand: Tree };
  negative: { readonly operand: Tree };
  /** `a && b && c`, flat, so that a guard covers all that follows it. */
  and: { readonly operands: readonly Tree[] };
  or: { readonly operands: readonly Tree[] };
  choice: { readonly condition: Tree; readonly whenTrue: Tree; readonly whenFalse: Tree };
  operation: { readonly operator: BinaryOperator; readonly left: Tree; readonly right: Tree };
  call: { readonly name: string; readonly arguments: readonly Tree[] };
  /** `condition` decides which elements count, absent in `map(x, result)`; only `map` has a `result`. */
  macro: {
    readonly name: MacroName;
    readonly list: Tree;
    readonly variable: string;
    readonly condition: Tree | undefined;
    readonly result: Tree | undefined;
  };
  list: { readonly items: readonly Tree[] };
  map: { readonly entries: readonly { readonly key: Tree; readonly value: Tree }[] };
}

export type TreeKind = keyof Contents;

export type TreeOf<Kind extends TreeKind> = {
  [Each in Kind]: Contents[Each] & { readonly kind: Each; readonly at: Span };
}[Kind];

export type Tree = TreeOf<TreeKind>;

/** A tree that may find nothing. */
export type Read = TreeOf<"field" | "element">;

/** What is done with each kind of tree, at a place that holds what is known there. */
export type Rules<Place, Result> = {
  readonly [Kind in TreeKind]: (tree: TreeOf<Kind>, place: Place) => Result;
};

/** Applies the rule for a tree's kind. */
export function applyRule<Kind extends TreeKind, Place, Result>(
  rules: Rules<Place, Result>,
  tree: TreeOf<Kind>,
  place: Place,
): Result {
  const kind: Kind = tree.kind;
  return rules[kind](tree, place);
}

export function isRead(tree: Tree): tree is Read {
  return tree.kind === "field" || tree.kind === "element";
}

/** Whether the tree is a read with `.?` or `[?…]` in its chain, whose absence something must answer. */
export function isOptionalRead(tree: Tree): tree is Read {
  return isRead(tree) && tree.optional;
}

/** Variable, fields and literal positions of an unbroken chain such as `steps.find.outputs.overdue[0]`. */
export function chainOf(tree: Tree): readonly (string | number)[] | undefined {
  if (tree.kind === "variable") return [tree.name];
  if (!isRead(tree)) return undefined;
  const key = tree.kind === "field" ? tree.name : literalPosition(tree.key);
  const before = key === undefined ? undefined : chainOf(tree.object);
  return before === undefined || key === undefined ? undefined : [...before, key];
}

function literalPosition(key: Tree): number | undefined {
  return key.kind === "literal" && typeof key.value === "bigint" ? Number(key.value) : undefined;
}
