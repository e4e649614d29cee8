/** Which values may be compared, and when they are equal. */
import { Hold, isOperandMap, kindOf, MAX_DEPTH } from "./expression-operand.ts";

/** Whether two operands may be compared: both there, and of one kind, integers and doubles being one. */
export function areComparable(left: unknown, right: unknown): boolean {
  if (isNumber(left) && isNumber(right)) return true;
  const kind = kindOf(left);
  return kind === kindOf(right) && kind !== "null" && kind !== "unknown";
}

/** Equality of JSON: inside lists and maps null equals null, and values of different kinds are just different. */
export function isSame(left: unknown, right: unknown, depth = 0): boolean | Hold {
  if (depth > MAX_DEPTH) {
    return new Hold(`values nested deeper than ${MAX_DEPTH} levels are not compared`);
  }
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && areSame(left, right, depth);
  }
  return isOperandMap(left) && isOperandMap(right)
    ? sameMaps([left, right], depth)
    : left === right;
}

/** Negative, zero or positive, as the first is smaller, equal or larger; exact also between integers and doubles. */
export function compareNumbers(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function sameMaps(
  [left, right]: readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>],
  depth: number,
): boolean | Hold {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  if (!names.every((name) => Object.hasOwn(right, name))) return false;
  const valuesOf = (map: Readonly<Record<string, unknown>>): readonly unknown[] =>
    names.map((name) => map[name]);
  return areSame(valuesOf(left), valuesOf(right), depth);
}

function areSame(
  left: readonly unknown[],
  right: readonly unknown[],
  depth: number,
): boolean | Hold {
  for (const [index, element] of left.entries()) {
    const same = isSame(element, right[index], depth + 1);
    if (same !== true) return same;
  }
  return true;
}
