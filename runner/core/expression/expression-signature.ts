/** How a function says what it takes: each parameter is checked by type at validation and by value at run time. */
import { Hold, isOperandMap, kindOf } from "./expression-operand.ts";
import type { ValueType } from "./value-type.ts";

export interface Parameter<Value> {
  /** In words, for messages. */
  readonly name: string;
  /** Whether a value of the type can be accepted; `dyn` is asked at run time. */
  takes(type: ValueType): boolean;
  accepts(value: unknown): value is Value;
}

export interface Signature {
  readonly parameters: readonly Pick<Parameter<unknown>, "name" | "takes">[];
  resultType(types: readonly ValueType[]): ValueType;
  /** Result for the values of the arguments, a {@link Hold} where one of them is not what its parameter takes. */
  call(values: readonly unknown[]): unknown;
}

export const text: Parameter<string> = {
  name: "string",
  takes: ofKind("string"),
  accepts: (value) => typeof value === "string",
};

export const integer: Parameter<bigint> = {
  name: "int",
  takes: ofKind("int"),
  accepts: (value) => typeof value === "bigint",
};

export const numberOrText: Parameter<bigint | number | string> = {
  name: "int, double or string",
  takes: ofKind("int", "double", "string"),
  accepts: (value): value is bigint | number | string =>
    ["int", "double", "string"].includes(kindOf(value)),
};

export const scalar: Parameter<bigint | number | string | boolean> = {
  name: "string, int, double or bool",
  takes: ofKind("string", "int", "double", "bool"),
  accepts: (value): value is bigint | number | string | boolean =>
    ["string", "int", "double", "bool"].includes(kindOf(value)),
};

export const list: Parameter<readonly unknown[]> = {
  name: "list",
  takes: ofKind("list"),
  accepts: (value) => Array.isArray(value),
};

export const texts: Parameter<readonly string[]> = {
  name: "list of string",
  takes: listOfKind("string"),
  accepts: (value): value is readonly string[] =>
    Array.isArray(value) && value.every((item) => typeof item === "string"),
};

export const numbers: Parameter<readonly (bigint | number)[]> = {
  name: "list of int or double",
  takes: listOfKind("int", "double"),
  accepts: (value): value is readonly (bigint | number)[] =>
    Array.isArray(value) && value.every((item) => ["int", "double"].includes(kindOf(item))),
};

export const sized: Parameter<string | readonly unknown[] | Readonly<Record<string, unknown>>> = {
  name: "string, list or map",
  takes: ofKind("string", "list", "object"),
  accepts: (value): value is string | readonly unknown[] | Readonly<Record<string, unknown>> =>
    typeof value === "string" || Array.isArray(value) || isOperandMap(value),
};

function ofKind(...kinds: readonly ValueType["kind"][]): (type: ValueType) => boolean {
  return ({ kind }) => kind === "dyn" || kinds.includes(kind);
}

function listOfKind(...kinds: readonly ValueType["kind"][]): (type: ValueType) => boolean {
  const takesElement = ofKind(...kinds);
  return (type) => type.kind === "dyn" || (type.kind === "list" && takesElement(type.of));
}

type ResultType = ValueType | ((argument: ValueType) => ValueType);

export function unary<A>(a: Parameter<A>, result: ResultType, apply: (a: A) => unknown): Signature {
  return signature([a], result, ([x]) => (a.accepts(x) ? apply(x) : refused([a], [x])));
}

export function binary<A, B>(
  [a, b]: readonly [Parameter<A>, Parameter<B>],
  result: ResultType,
  apply: (a: A, b: B) => unknown,
): Signature {
  return signature([a, b], result, ([x, y]) =>
    a.accepts(x) && b.accepts(y) ? apply(x, y) : refused([a, b], [x, y]),
  );
}

export function ternary<A, B, C>(
  [a, b, c]: readonly [Parameter<A>, Parameter<B>, Parameter<C>],
  result: ResultType,
  apply: (a: A, b: B, c: C) => unknown,
): Signature {
  return signature([a, b, c], result, ([x, y, z]) =>
    a.accepts(x) && b.accepts(y) && c.accepts(z) ? apply(x, y, z) : refused([a, b, c], [x, y, z]),
  );
}

function signature(
  parameters: Signature["parameters"],
  result: ResultType,
  call: Signature["call"],
): Signature {
  const resultType = ([first = { kind: "dyn" }]: readonly ValueType[]): ValueType =>
    typeof result === "function" ? result(first) : result;
  return { parameters, resultType, call };
}

function refused(parameters: Signature["parameters"], values: readonly unknown[]): Hold {
  const wanted = parameters.map(({ name }) => name).join("; ");
  return new Hold(`takes (${wanted}), not (${values.map(kindOf).join("; ")})`);
}
