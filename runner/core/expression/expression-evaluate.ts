/**
 * Evaluation that fails closed: whatever is null, missing or of the wrong kind makes the whole expression hold.
 * Both sides of `&&` and `||` are evaluated, and every element of a list, unless a guard decides before: an operand
 * that tests for presence and thereby permits what follows it.
 */
import { FUNCTIONS } from "./expression-function.ts";
import { knownWhen } from "./expression-guard.ts";
import { asTyped, Hold, isOperandMap, kindOf } from "./expression-operand.ts";
import { operate } from "./expression-operator.ts";
import {
  applyRule,
  isRead,
  type MacroName,
  type Read,
  type Rules,
  type Tree,
  type TreeOf,
} from "./expression-tree.ts";
import type { ValueType } from "./value-type.ts";

export interface Program {
  readonly tree: Tree;
  readonly source: string;
  readonly types: ReadonlyMap<Tree, ValueType>;
}

type Variables = ReadonlyMap<string, unknown>;

/** A read that found nothing, where that is an answer. */
const ABSENT = Symbol("absent");

/** Bounds the work of one evaluation: nested macros multiply. */
const MAX_STEPS = 1_000_000;
const MAX_SNIPPET = 60;

/** Value of an expression, integers being BigInt, or why there is none; never throws. */
export function evaluateTree(program: Program, values: Readonly<Record<string, unknown>>): unknown {
  return new Evaluation(program).value(program.tree, new Map(Object.entries(values)));
}

class Evaluation {
  readonly #program: Program;
  #steps = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  value(tree: Tree, variables: Variables): unknown {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) {
      return new Hold(`the expression takes more than ${MAX_STEPS} steps`);
    }
    return applyRule(this.#rules, tree, variables);
  }

  readonly #rules: Rules<Variables, unknown> = {
    literal: ({ value }) => value,
    variable: (tree, variables) => this.#found(tree, variables),
    field: (tree, variables) => this.#found(tree, variables),
    element: (tree, variables) => this.#found(tree, variables),
    present: ({ target }, variables) => {
      const found = this.#look(target, variables);
      return found instanceof Hold ? found : found !== ABSENT && found !== null;
    },
    orValue: ({ target, otherwise }, variables) => {
      const found = this.#look(target, variables);
      return found === ABSENT || found === null ? this.value(otherwise, variables) : found;
    },
    not: ({ operand }, variables) => {
      const truth = this.#truth(operand, variables);
      return truth instanceof Hold ? truth : !truth;
    },
    negative: (tree, variables) => this.#negative(tree, variables),
    and: (tree, variables) => this.#logical(tree, variables),
    or: (tree, variables) => this.#logical(tree, variables),
    choice: ({ condition, whenTrue, whenFalse }, variables) => {
      const truth = this.#truth(condition, variables);
      return truth instanceof Hold ? truth : this.value(truth ? whenTrue : whenFalse, variables);
    },
    operation: (tree, variables) => this.#operation(tree, variables),
    call: (tree, variables) => this.#call(tree, variables),
    macro: (tree, variables) => this.#macro(tree, variables),
    list: ({ items }, variables) => this.#values(items, variables),
    map: (tree, variables) => this.#map(tree, variables),
  };

  #found(tree: Tree, variables: Variables): unknown {
    const found = this.#look(tree, variables);
    return found === ABSENT ? this.#hold(tree, "is missing") : found;
  }

  /** What a variable or read finds, {@link ABSENT} for nothing, a hold if even that cannot be said. */
  #look(tree: Tree, variables: Variables): unknown {
    if (tree.kind === "variable") {
      return variables.has(tree.name) ? this.#typed(tree, variables.get(tree.name)) : ABSENT;
    }
    return isRead(tree) ? this.#lookInside(tree, variables) : this.value(tree, variables);
  }

  #lookInside(tree: Read, variables: Variables): unknown {
    const object = tree.optional
      ? this.#look(tree.object, variables)
      : this.value(tree.object, variables);
    if (object instanceof Hold) return object;
    if (tree.optional && (object === ABSENT || object === null)) return ABSENT;
    const found = this.#find(tree, object, variables);
    return found === ABSENT ? ABSENT : this.#typed(tree, found);
  }

  #find(tree: Read, object: unknown, variables: Variables): unknown {
    const key = tree.kind === "field" ? tree.name : this.value(tree.key, variables);
    if (key instanceof Hold) return key;
    if (typeof key === "string" && isOperandMap(object)) {
      return Object.hasOwn(object, key) ? object[key] : ABSENT;
    }
    if (typeof key === "bigint" && Array.isArray(object)) {
      return key >= 0n && key < object.length ? object[Number(key)] : ABSENT;
    }
    return this.#hold(tree.object, `is ${kindOf(object)} and has no ${describeKey(tree, key)}`);
  }

  #typed(tree: Tree, found: unknown): unknown {
    if (found instanceof Hold) return found;
    const typed = asTyped(found, this.#program.types.get(tree) ?? { kind: "dyn" });
    return typed instanceof Hold ? this.#hold(tree, typed.reason) : typed;
  }

  #truth(tree: Tree, variables: Variables): boolean | Hold {
    const value = this.value(tree, variables);
    if (typeof value === "boolean" || value instanceof Hold) return value;
    return this.#hold(tree, `is ${kindOf(value)}, not bool`);
  }

  #negative(tree: TreeOf<"negative">, variables: Variables): unknown {
    const operand = this.value(tree.operand, variables);
    if (typeof operand === "number") return -operand;
    if (typeof operand === "bigint") return this.#explained(tree, operate("-", 0n, operand));
    if (operand instanceof Hold) return operand;
    return this.#hold(tree.operand, `is ${kindOf(operand)}, not a number`);
  }

  #logical(tree: TreeOf<"and" | "or">, variables: Variables): boolean | Hold {
    const goesOn = tree.kind === "and";
    let result = goesOn;
    for (const operand of tree.operands) {
      const value = this.#truth(operand, variables);
      if (value instanceof Hold) return value;
      if (value === goesOn) continue;
      result = value;
      if (knownWhen(operand, goesOn).size > 0) return result;
    }
    return result;
  }

  #operation(tree: TreeOf<"operation">, variables: Variables): unknown {
    const operands = this.#values([tree.left, tree.right], variables);
    if (operands instanceof Hold) return operands;
    const left = this.#besides(tree.left, operands[0], operands[1]);
    const right = this.#besides(tree.right, operands[1], operands[0]);
    this.#charge(left);
    this.#charge(right);
    const isUndeclared = this.#isUndeclared(tree.left) || this.#isUndeclared(tree.right);
    if (tree.operator === "/" && isUndeclared && leavesRemainder(left, right)) {
      return this.#hold(tree, "depends on undeclared numbers being ints or doubles: convert them");
    }
    return this.#explained(tree, operate(tree.operator, left, right));
  }

  /** An operand beside another: a whole number of JSON that nothing declares is a double if the other is one. */
  #besides(tree: Tree, operand: unknown, other: unknown): unknown {
    const isDouble = typeof operand === "bigint" && typeof other === "number";
    return isDouble && this.#isUndeclared(tree) ? Number(operand) : operand;
  }

  #isUndeclared(tree: Tree): boolean {
    return this.#program.types.get(tree)?.kind === "dyn";
  }

  #call(tree: TreeOf<"call">, variables: Variables): unknown {
    const values = this.#values(tree.arguments, variables);
    if (values instanceof Hold) return values;
    for (const value of values) this.#charge(value);
    const signatures = FUNCTIONS.get(tree.name) ?? [];
    const signature = signatures.find(({ parameters }) => parameters.length === values.length);
    if (signature === undefined) return this.#hold(tree, "is no function");
    const result = signature.call(values);
    return result instanceof Hold ? this.#explained(tree, result) : this.#typed(tree, result);
  }

  #macro(tree: TreeOf<"macro">, variables: Variables): unknown {
    const list = this.value(tree.list, variables);
    if (list instanceof Hold) return list;
    if (!Array.isArray(list)) return this.#hold(tree.list, `is ${kindOf(list)}, not a list`);
    const kept: unknown[] = [];
    for (const element of list) {
      const inside = new Map([...variables, [tree.variable, element]]);
      const counts = tree.condition === undefined || this.#truth(tree.condition, inside);
      if (counts instanceof Hold) return counts;
      if (!counts) continue;
      const value = tree.result === undefined ? element : this.value(tree.result, inside);
      if (value instanceof Hold) return value;
      kept.push(value);
    }
    return MACRO_RESULTS[tree.name](kept, list.length);
  }

  #map(tree: TreeOf<"map">, variables: Variables): unknown {
    const entries: [string, unknown][] = [];
    for (const { key, value } of tree.entries) {
      const pair = this.#values([key, value], variables);
      if (pair instanceof Hold) return pair;
      const [name, content] = pair;
      if (typeof name !== "string") return this.#hold(key, `is ${kindOf(name)}, not string`);
      entries.push([name, content]);
    }
    return Object.fromEntries(entries);
  }

  #values(trees: readonly Tree[], variables: Variables): readonly unknown[] | Hold {
    const values: unknown[] = [];
    for (const tree of trees) {
      const value = this.value(tree, variables);
      if (value instanceof Hold) return value;
      values.push(value);
    }
    return values;
  }

  /** Work that grows with the operand counts as steps. */
  #charge(operand: unknown): void {
    if (Array.isArray(operand)) this.#steps += operand.length;
  }

  #explained(tree: Tree, result: unknown): unknown {
    return result instanceof Hold ? this.#hold(tree, `: ${result.reason}`) : result;
  }

  #hold({ at }: Tree, reason: string): Hold {
    const text = this.#program.source.slice(at.offset, at.offset + at.length);
    const snippet = text.length > MAX_SNIPPET ? `${text.slice(0, MAX_SNIPPET)}…` : text;
    return new Hold(`\`${snippet}\`${reason.startsWith(":") ? "" : " "}${reason}`);
  }
}

/** What comes of the elements, or their results, that the condition kept. */
const MACRO_RESULTS: Readonly<
  Record<MacroName, (kept: readonly unknown[], length: number) => unknown>
> = {
  all: (kept, length) => kept.length === length,
  exists: (kept) => kept.length > 0,
  exists_one: (kept) => kept.length === 1,
  filter: (kept) => kept,
  map: (kept) => kept,
};

function leavesRemainder(left: unknown, right: unknown): boolean {
  const areIntegers = typeof left === "bigint" && typeof right === "bigint";
  return areIntegers && right !== 0n && left % right !== 0n;
}

function describeKey(tree: Read, key: unknown): string {
  return tree.kind === "field" ? `field \`${tree.name}\`` : `${kindOf(key)} in \`[…]\``;
}
