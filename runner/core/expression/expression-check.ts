/** Types of an expression; every operand that may be null or missing must have been asked for first. */
import { guardKey, knownWhen, withoutVariable } from "./expression-guard.ts";
import {
  applyRule,
  isRead,
  type Read,
  type Rules,
  type Tree,
  type TreeOf,
} from "./expression-tree.ts";
import {
  alternativesTyping,
  callTyping,
  elementTyping,
  fieldTyping,
  operationTyping,
  type Typing,
  unknownName,
  UNTYPED,
} from "./expression-typing.ts";
import {
  describeType,
  DYN,
  type FieldType,
  listOf,
  type NullableType,
  typeOfValue,
  type ValueType,
} from "./value-type.ts";

export type Scope = Readonly<Record<string, ValueType>>;

/** `offset` and `length` count UTF-16 units of the source; `suggestion` is the name that was probably meant. */
export interface ExpressionError {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly suggestion?: string;
}

export interface Checked {
  readonly type: NullableType;
  readonly errors: readonly ExpressionError[];
  /** Type of every tree; decides whether a number that is read from JSON is an integer. */
  readonly types: ReadonlyMap<Tree, ValueType>;
}

/** What holds at one place of an expression. */
interface Place {
  readonly variables: ReadonlyMap<string, ValueType>;
  /** Keys of the reads that a guard has answered. */
  readonly known: ReadonlySet<string>;
}

const BOOL: ValueType = { kind: "bool" };
const STRING: ValueType = { kind: "string" };
const UNKNOWN: NullableType = { type: DYN, nullable: false };

/** Checks a whole expression against the types in scope; after an error the operand counts as `dyn`, so that none is reported twice. */
export function checkExpression(tree: Tree, source: string, scope: Scope): Checked {
  const checker = new Checker(source);
  const type = checker.check(tree, { variables: new Map(Object.entries(scope)), known: new Set() });
  return { type, errors: checker.errors, types: checker.types };
}

class Checker {
  readonly errors: ExpressionError[] = [];
  readonly types = new Map<Tree, ValueType>();
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  check(tree: Tree, place: Place): NullableType {
    const found = applyRule(this.#rules, tree, place);
    this.types.set(tree, found.type);
    return found;
  }

  readonly #rules: Rules<Place, NullableType> = {
    literal: ({ value }) => typeOfLiteral(value),
    variable: (tree, place) => this.#variable(tree, place),
    field: (tree, place) => this.#read(tree, place),
    element: (tree, place) => this.#read(tree, place),
    present: ({ target }, place) => {
      this.#target(target, place);
      return required(BOOL);
    },
    orValue: (tree, place) => this.#orValue(tree, place),
    not: ({ operand }, place) => {
      this.#expect(BOOL, operand, place);
      return required(BOOL);
    },
    negative: ({ operand }, place) => this.#negative(operand, place),
    and: (tree, place) => this.#logical(tree, place),
    or: (tree, place) => this.#logical(tree, place),
    choice: (tree, place) => this.#choice(tree, place),
    operation: (tree, place) => {
      const [left, right] = [this.#operand(tree.left, place), this.#operand(tree.right, place)];
      return required(this.#settle(tree, operationTyping(tree.operator, left, right), DYN));
    },
    call: (tree, place) => {
      const types = tree.arguments.map((argument) => this.#operand(argument, place));
      return required(this.#settle(tree, callTyping(tree.name, types), DYN));
    },
    macro: (tree, place) => this.#macro(tree, place),
    list: ({ items }, place) => required(listOf(items.map((item) => this.check(item, place)))),
    map: (tree, place) => this.#map(tree, place),
  };

  /** Type of a tree that something computes with: it must not be null. */
  #operand(tree: Tree, place: Place): ValueType {
    const { type, nullable } = this.check(tree, place);
    if (!nullable) return type;
    const isLiteral = tree.kind === "literal";
    const text = this.#text(tree);
    this.#fail(
      tree,
      isLiteral ? "null is no operand" : `\`${text}\` may be null: ${howToGuard(tree, text)}`,
    );
    return DYN;
  }

  #expect(wanted: ValueType, tree: Tree, place: Place): void {
    const type = this.#operand(tree, place);
    if (type.kind === wanted.kind || type.kind === "dyn") return;
    this.#fail(
      tree,
      `\`${this.#text(tree)}\` is ${describeType(type)}, not ${describeType(wanted)}`,
    );
  }

  #variable(tree: TreeOf<"variable">, { variables }: Place): NullableType {
    const type = variables.get(tree.name);
    if (type !== undefined) return required(type);
    const missing = unknownName(`there is no \`${tree.name}\` here`, tree.name, variables.keys());
    return this.#settle(tree, missing, UNKNOWN);
  }

  /** A read that computes further: it must find something. */
  #read(tree: Read, place: Place): NullableType {
    const { type, nullable, optional } = this.#find(tree, place);
    if (!optional) return { type, nullable };
    const text = this.#text(tree);
    this.#fail(tree, `\`${text}\` may be missing: ${howToGuard(tree, text)}`);
    return UNKNOWN;
  }

  /** What a presence test or `orValue` looks at: the last read of it may find nothing. */
  #target(tree: Tree, place: Place): NullableType {
    if (!isRead(tree)) return this.check(tree, place);
    const found = this.#find(tree, place);
    this.types.set(tree, found.type);
    return found;
  }

  #find(tree: Read, place: Place): FieldType {
    const object = tree.optional
      ? this.#target(tree.object, place).type
      : this.#operand(tree.object, place);
    const text = this.#text(tree.object);
    const typing =
      tree.kind === "field"
        ? fieldTyping(object, tree.name, text)
        : elementTyping(object, this.#operand(tree.key, place), text);
    const found = this.#settle(tree, typing, UNTYPED);
    const key = guardKey(tree);
    const isKnown = key !== undefined && place.known.has(key);
    return isKnown ? { ...found, nullable: false, optional: false } : found;
  }

  #orValue(tree: TreeOf<"orValue">, place: Place): NullableType {
    const found = { type: this.#target(tree.target, place).type, nullable: false };
    const otherwise = this.check(tree.otherwise, place);
    if (found.type.kind === "list" && isEmptyList(tree.otherwise)) return found;
    return this.#settle(tree, alternativesTyping(found, otherwise), UNKNOWN);
  }

  #choice(tree: TreeOf<"choice">, place: Place): NullableType {
    this.#expect(BOOL, tree.condition, place);
    const then = this.check(tree.whenTrue, learn(place, knownWhen(tree.condition, true)));
    const otherwise = this.check(tree.whenFalse, learn(place, knownWhen(tree.condition, false)));
    if (then.type.kind === "list" && isEmptyList(tree.whenFalse)) return then;
    if (otherwise.type.kind === "list" && isEmptyList(tree.whenTrue)) return otherwise;
    return this.#settle(tree, alternativesTyping(then, otherwise), UNKNOWN);
  }

  #negative(operand: Tree, place: Place): NullableType {
    const type = this.#operand(operand, place);
    if (["int", "double", "dyn"].includes(type.kind)) return required(type);
    this.#fail(operand, `\`-\` does not take ${describeType(type)}`);
    return UNKNOWN;
  }

  #logical(tree: TreeOf<"and" | "or">, place: Place): NullableType {
    let here = place;
    for (const operand of tree.operands) {
      this.#expect(BOOL, operand, here);
      here = learn(here, knownWhen(operand, tree.kind === "and"));
    }
    return required(BOOL);
  }

  #macro(tree: TreeOf<"macro">, place: Place): NullableType {
    const listType = this.#operand(tree.list, place);
    if (listType.kind !== "list" && listType.kind !== "dyn") {
      this.#fail(tree.list, `\`${tree.name}\` takes a list, not ${describeType(listType)}`);
    }
    const element = listType.kind === "list" ? listType.of : DYN;
    const inside: Place = {
      variables: new Map([...place.variables, [tree.variable, element]]),
      known: withoutVariable(place.known, tree.variable),
    };
    if (tree.condition !== undefined) this.#expect(BOOL, tree.condition, inside);
    if (tree.name === "filter") return required({ kind: "list", of: element });
    if (tree.result === undefined) return required(BOOL);
    const known = tree.condition === undefined ? NOTHING : knownWhen(tree.condition, true);
    return required(listOf([this.check(tree.result, learn(inside, known))]));
  }

  #map(tree: TreeOf<"map">, place: Place): NullableType {
    const fields: [string, FieldType][] = [];
    for (const { key, value } of tree.entries) {
      this.#expect(STRING, key, place);
      const type = this.check(value, place);
      if (key.kind === "literal") fields.push([String(key.value), { ...type, optional: false }]);
    }
    const open = fields.length < tree.entries.length;
    return required({ kind: "object", fields: open ? {} : Object.fromEntries(fields), open });
  }

  #settle<Type>(tree: Tree, typing: Typing<Type>, otherwise: Type): Type {
    if (typing.ok) return typing.type;
    const { ok: _, ...problem } = typing;
    this.errors.push({ ...problem, ...tree.at });
    return otherwise;
  }

  #fail({ at }: Tree, message: string): void {
    this.errors.push({ message, ...at });
  }

  #text({ at }: Tree): string {
    return this.#source.slice(at.offset, at.offset + at.length);
  }
}

const NOTHING: ReadonlySet<string> = new Set();

function required(type: ValueType): NullableType {
  return { type, nullable: false };
}

function typeOfLiteral(value: unknown): NullableType {
  if (typeof value === "bigint") return required({ kind: "int" });
  return typeof value === "number" ? required({ kind: "double" }) : typeOfValue(value);
}

function isEmptyList(tree: Tree): boolean {
  return tree.kind === "list" && tree.items.length === 0;
}

function learn(place: Place, known: ReadonlySet<string>): Place {
  return known.size === 0 ? place : { ...place, known: place.known.union(known) };
}

function howToGuard(tree: Tree, text: string): string {
  if (tree.kind !== "field") return `write \`${text} != null ? … : …\``;
  const object = text.slice(
    0,
    Math.max(0, tree.object.at.offset + tree.object.at.length - tree.at.offset),
  );
  return `write \`has(${text}) && …\`, \`has(${text}) ? … : …\` or \`${object}.?${tree.name}.orValue(…)\``;
}
