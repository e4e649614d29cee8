/** The typing rules of expressions, one form each: what comes of operands of these types, or what is wrong with them. */
import { FUNCTIONS } from "./expression-function.ts";
import { operationType } from "./expression-operator.ts";
import type { BinaryOperator } from "./expression-tree.ts";
import { closest } from "#runner/core/suggest.ts";
import {
  commonNullable,
  describeType,
  DYN,
  type FieldType,
  fieldOf,
  type NullableType,
  type ValueType,
} from "./value-type.ts";

/** A type, or why there is none; `suggestion` is the name that was probably meant. */
export type Typing<Type> =
  | { readonly ok: true; readonly type: Type }
  | { readonly ok: false; readonly message: string; readonly suggestion?: string };

/** A field or element of which nothing is known before run time. */
export const UNTYPED: FieldType = { type: DYN, nullable: false, optional: false };

/** What a call may have meant: functions and the forms that look like one. */
const CALLABLE: readonly string[] = [
  ...FUNCTIONS.keys(),
  "has",
  "all",
  "exists",
  "exists_one",
  "filter",
  "map",
  "orValue",
  "hasValue",
];

/** Type of `object.name`; `text` is how the object is written. */
export function fieldTyping(object: ValueType, name: string, text: string): Typing<FieldType> {
  if (object.kind === "dyn") return { ok: true, type: UNTYPED };
  if (object.kind !== "object") {
    const isList = object.kind === "list";
    const hint = isList ? "; take an element with `first(…)`, `[0]` or `.map(x, …)`" : "";
    return {
      ok: false,
      message: `\`${text}\` is ${describeType(object)} and has no fields${hint}`,
    };
  }
  const field = fieldOf(object, name);
  if (field !== undefined || object.open) return { ok: true, type: field ?? UNTYPED };
  const message = `\`${text}\` has no field \`${name}\``;
  return unknownName(message, name, Object.keys(object.fields));
}

/** Type of `object[key]`; `text` is how the object is written. */
export function elementTyping(object: ValueType, key: ValueType, text: string): Typing<FieldType> {
  const isKey = (kind: ValueType["kind"]): boolean => key.kind === kind || key.kind === "dyn";
  if (object.kind === "dyn") return { ok: true, type: UNTYPED };
  if (object.kind === "list" && isKey("int"))
    return { ok: true, type: { ...UNTYPED, type: object.of } };
  if (object.kind === "object" && isKey("string")) return { ok: true, type: UNTYPED };
  const [left, right] = [describeType(object), describeType(key)];
  return { ok: false, message: `\`${text}\` is ${left} and takes no ${right} in \`[…]\`` };
}

export function operationTyping(
  operator: BinaryOperator,
  left: ValueType,
  right: ValueType,
): Typing<ValueType> {
  const type = operationType(operator, left, right);
  if (type !== undefined) return { ok: true, type };
  const numberHint = mixesNumbers(left, right) ? "; convert one with `double(…)` or `int(…)`" : "";
  const hint = operator === "in" && right.kind === "object" ? "; ask with `has(…)`" : numberHint;
  const operands = `${describeType(left)} and ${describeType(right)}`;
  return { ok: false, message: `\`${operator}\` does not take ${operands}${hint}` };
}

/** Type of a value that is one or the other. */
export function alternativesTyping(one: NullableType, other: NullableType): Typing<NullableType> {
  const kinds = new Set([one.type.kind, other.type.kind]);
  if (kinds.size === 1 || kinds.has("dyn") || kinds.has("null")) {
    return { ok: true, type: commonNullable(one, other) };
  }
  const hint = mixesNumbers(one.type, other.type) ? "; the double 1 is written 1.0" : "";
  const types = `${describeType(one.type)} and ${describeType(other.type)}`;
  return { ok: false, message: `the alternatives differ: ${types}${hint}` };
}

export function callTyping(name: string, types: readonly ValueType[]): Typing<ValueType> {
  const signatures = FUNCTIONS.get(name);
  if (signatures === undefined)
    return unknownName(`there is no function \`${name}\``, name, CALLABLE);
  for (const signature of signatures) {
    const { parameters } = signature;
    const takesAll = parameters.every((parameter, index) => parameter.takes(types[index] ?? DYN));
    if (parameters.length === types.length && takesAll)
      return { ok: true, type: signature.resultType(types) };
  }
  const wanted = signatures.map(
    ({ parameters }) => `(${parameters.map((each) => each.name).join("; ")})`,
  );
  const given = types.map(describeType).join("; ");
  return { ok: false, message: `\`${name}\` takes ${wanted.join(" or ")}, not (${given})` };
}

/** The failure for a name that is not among the candidates. */
export function unknownName(
  message: string,
  name: string,
  candidates: Iterable<string>,
): Typing<never> {
  const suggestion = closest(name, candidates);
  return { ok: false, message, ...(suggestion === undefined ? {} : { suggestion }) };
}

function mixesNumbers(left: ValueType, right: ValueType): boolean {
  const kinds = [left.kind, right.kind];
  return kinds.includes("int") && kinds.includes("double");
}
