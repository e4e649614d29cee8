/** JSON from outside, read without trust. */
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";

/** Only then can a number have more digits than a double keeps. */
const MAYBE_LONG = /\d{16}/u;

/** The value; undefined where the text is no JSON. Whole numbers that a double cannot keep are written again as they were. */
export function parseJson(text: string): unknown {
  try {
    return MAYBE_LONG.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A reviver; what the third argument and `JSON.rawJSON` are, TypeScript does not know yet. */
function exact(...[, value, read]: readonly unknown[]): unknown {
  const source = textAt(read, "source") ?? "";
  const rawJson: unknown = Reflect.get(JSON, "rawJSON");
  const isLong = typeof value === "number" && /^-?\d{16,}$/u.test(source);
  if (!isLong || typeof rawJson !== "function") return value;
  return Reflect.apply(rawJson, JSON, [source]);
}

/** The member, where it is an object; else an empty one. */
export function objectAt(value: unknown, key: string): JsonObject {
  const member = isJsonObject(value) ? value[key] : undefined;
  return isJsonObject(member) ? member : {};
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const member = isJsonObject(value) ? value[key] : undefined;
  return Array.isArray(member) ? member : [];
}

export function textAt(value: unknown, key: string): string | undefined {
  const member = isJsonObject(value) ? value[key] : undefined;
  return typeof member === "string" ? member : undefined;
}

/** The member, where it counts something. */
export function countAt(value: unknown, key: string): number | undefined {
  const member = isJsonObject(value) ? value[key] : undefined;
  return isCount(member) ? member : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
