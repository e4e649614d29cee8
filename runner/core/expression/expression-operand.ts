/** Values while an expression runs: plain JSON, in which an integer that was read or computed is a BigInt. */
import type { ValueType } from "./value-type.ts";

/** Why an expression has no value: the expected failure of every step of an evaluation. */
export class Hold {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export type OperandKind =
  | "null"
  | "string"
  | "int"
  | "double"
  | "bool"
  | "list"
  | "map"
  | "unknown";

export type OperandMap = Readonly<Record<string, unknown>>;

const MAX_TEXT = 1_000_000;
/** Deeper data could exhaust the stack of the recursion over it. */
export const MAX_DEPTH = 200;

export function kindOf(value: unknown): OperandKind {
  if (value === null) return "null";
  if (typeof value === "string") return "string";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return Number.isFinite(value) ? "double" : "unknown";
  if (typeof value === "boolean") return "bool";
  if (Array.isArray(value)) return "list";
  return isOperandMap(value) ? "map" : "unknown";
}

export function isOperandMap(value: unknown): value is OperandMap {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A value that was read, as its type wants it: JSON has one kind of number, expressions have two.
 * Where the type does not say, a whole number is an integer. Null passes; whoever uses it as an operand holds.
 */
export function asTyped(value: unknown, type: ValueType): unknown {
  if (value === null) return null;
  const number = typeof value === "number" || typeof value === "bigint" ? value : undefined;
  const typed = number === undefined ? value : typedNumber(number, type);
  const kind = kindOf(typed);
  const wanted = type.kind === "object" ? "map" : type.kind;
  if (kind === "unknown") return new Hold("is not plain data");
  if (wanted === "dyn" || wanted === kind) return typed;
  return new Hold(`is ${kind}, not ${wanted}`);
}

function typedNumber(value: number | bigint, type: ValueType): unknown {
  if (type.kind === "double") return Number(value);
  if (typeof value === "bigint") return value;
  return Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** Texts joined, as long as the result is of a sane size. */
export function joinTexts(texts: readonly string[], separator: string): string | Hold {
  let length = Math.max(0, texts.length - 1) * separator.length;
  for (const text of texts) length += text.length;
  if (length > MAX_TEXT) return new Hold(`the text is longer than ${MAX_TEXT} characters`);
  return texts.join(separator);
}

/** A string, number or truth value as text; nothing for what has no single spelling. */
export function spell(value: unknown): string | undefined {
  return ["string", "int", "double", "bool"].includes(kindOf(value)) ? String(value) : undefined;
}

/** Lists that were looked through: plain data never changes, and the list of a step comes back in every plan of its run. */
const plainLists = new WeakSet<readonly unknown[]>();

/** The result as JSON: integers as numbers, where these can hold them. Parts that need no change are shared. */
export function toJson(value: unknown): unknown {
  if (!Array.isArray(value)) return partToJson(value, 0);
  if (plainLists.has(value)) return value;
  const json = listToJson(value, 0);
  if (json === value) plainLists.add(value);
  return json;
}

function partToJson(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return new Hold(`the value is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === "bigint") return fromInteger(value);
  if (Array.isArray(value)) return listToJson(value, depth);
  if (isOperandMap(value)) return mapToJson(value, depth);
  if (kindOf(value) === "unknown") return new Hold("the value is not plain data");
  return Object.is(value, -0) ? 0 : value;
}

function fromInteger(value: bigint): number | Hold {
  const number = Number(value);
  return Number.isSafeInteger(number)
    ? number
    : new Hold(`the integer ${value} is too large for JSON`);
}

function listToJson(list: readonly unknown[], depth: number): unknown {
  const items: unknown[] = [];
  for (const item of list) {
    const json = partToJson(item, depth + 1);
    if (json instanceof Hold) return json;
    items.push(json);
  }
  return items.every((item, index) => Object.is(item, list[index])) ? list : items;
}

function mapToJson(map: OperandMap, depth: number): unknown {
  const names = Object.keys(map);
  const values = listToJson(
    names.map((name) => map[name]),
    depth,
  );
  if (values instanceof Hold || !Array.isArray(values)) return values;
  if (names.every((name, index) => Object.is(map[name], values[index]))) return map;
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}
