/** Whether a value of one type can be given where another is wanted. */
import {
  describeType,
  fieldOf,
  type ObjectType,
  type ValueType,
} from "#runner/core/expression/value-type.ts";

/** One thing that does not fit; `path` leads into the value. */
export interface Mismatch {
  readonly kind: "type" | "missing" | "unknown";
  readonly path: readonly string[];
  readonly message: string;
  /** Names that are known where an unknown one stands. */
  readonly known: readonly string[];
}

/** What certainly does not fit; where a type is unknown on either side, run time decides. */
export function mismatches(
  given: ValueType,
  wanted: ValueType,
  path: readonly string[] = [],
): readonly Mismatch[] {
  if (given.kind === "list" && wanted.kind === "list") {
    return mismatches(given.of, wanted.of, path);
  }
  if (given.kind === "object" && wanted.kind === "object") {
    return objectMismatches(given, wanted, path);
  }
  if (fits(given, wanted)) return [];
  const message = `must be ${describeType(wanted)}, not ${describeType(given)}`;
  return [{ kind: "type", path, message, known: [] }];
}

function fits(given: ValueType, wanted: ValueType): boolean {
  if (given.kind === "dyn" || wanted.kind === "dyn") return true;
  return given.kind === wanted.kind || (given.kind === "int" && wanted.kind === "double");
}

function objectMismatches(
  given: ObjectType,
  wanted: ObjectType,
  path: readonly string[],
): readonly Mismatch[] {
  const unknown = Object.keys(given.fields)
    .filter((name) => !wanted.open && fieldOf(wanted, name) === undefined)
    .map((name) => ({
      kind: "unknown" as const,
      path: [...path, name],
      message: `there is no ${name}`,
      known: Object.keys(wanted.fields),
    }));
  const missing = Object.entries(wanted.fields)
    .filter(([name, field]) => !field.optional && !given.open && fieldOf(given, name) === undefined)
    .map(([name]) => ({
      kind: "missing" as const,
      path: [...path, name],
      message: `${name} is missing`,
      known: [],
    }));
  const inside = Object.entries(given.fields).flatMap(([name, { type }]) => {
    const field = fieldOf(wanted, name);
    return field === undefined ? [] : mismatches(type, field.type, [...path, name]);
  });
  return [...unknown, ...missing, ...inside];
}
