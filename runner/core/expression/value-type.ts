/** The types that expressions are checked against; made from JSON Schema (draft-07). */
import { isJsonObject } from "#runner/core/json-object.ts";
export type ValueType =
  | { readonly kind: "string" | "int" | "double" | "bool" | "null" | "dyn" }
  | { readonly kind: "list"; readonly of: ValueType }
  | ObjectType;

/** A map with named fields; an `open` one may hold others, of which nothing is known. */
export interface ObjectType {
  readonly kind: "object";
  readonly fields: Readonly<Record<string, FieldType>>;
  readonly open: boolean;
}

export interface FieldType {
  readonly type: ValueType;
  /** The field may be absent. */
  readonly optional: boolean;
  /** The field may be there and hold null. */
  readonly nullable: boolean;
}

/** A type together with whether null may stand in its place. */
export type NullableType = Pick<FieldType, "type" | "nullable">;

interface SchemaScope {
  readonly definitions: Readonly<Record<string, unknown>>;
  /** References being followed; meeting one again means a recursive schema. */
  readonly following: readonly string[];
}

export const DYN: ValueType = { kind: "dyn" };
const NULL: ValueType = { kind: "null" };
const ANYTHING: NullableType = { type: DYN, nullable: false };

/**
 * Type of the values that a JSON Schema admits, `dyn` where the schema does not say.
 * `$ref` is looked up in the schema's own `definitions` and in those given (by name, or by the whole reference).
 * A schema that lists `properties` admits only these in expressions, unless it allows `additionalProperties` itself.
 */
export function valueTypeOf(
  schema: unknown,
  definitions: Readonly<Record<string, unknown>> = {},
): ValueType {
  const own =
    isJsonObject(schema) && isJsonObject(schema["definitions"]) ? schema["definitions"] : {};
  return orDyn(read(schema, { definitions: { ...own, ...definitions }, following: [] }));
}

/** The declared field of an object type, never one that its prototype would lend. */
export function fieldOf(type: ObjectType, name: string): FieldType | undefined {
  return Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
}

/** The narrowest type that covers both: `dyn` for different kinds; fields that only one side has become optional. */
export function commonType(left: ValueType, right: ValueType): ValueType {
  if (left === right) return left;
  if (left.kind === "list" && right.kind === "list") {
    return { kind: "list", of: commonType(left.of, right.of) };
  }
  if (left.kind === "object" && right.kind === "object") return commonObject(left, right);
  return left.kind === right.kind ? left : DYN;
}

/** As {@link commonType}, where null on either side makes the result nullable instead of unknown. */
export function commonNullable(left: NullableType, right: NullableType): NullableType {
  if (left.type.kind === "null") return { type: right.type, nullable: true };
  if (right.type.kind === "null") return { type: left.type, nullable: true };
  return {
    type: commonType(left.type, right.type),
    nullable: left.nullable || right.nullable,
  };
}

/** A type in which null is not told apart: what may be null is not known until run time. */
function orDyn({ type, nullable }: NullableType): ValueType {
  return nullable ? DYN : type;
}

/** The type in words, for messages: `list of string`. */
export function describeType(type: ValueType): string {
  return type.kind === "list" ? `list of ${describeType(type.of)}` : type.kind;
}

/** Type of one JSON value, every field of a map being required. */
export function typeOfValue(value: unknown): NullableType {
  if (typeof value === "object") return typeOfObject(value);
  if (typeof value === "string") return { type: { kind: "string" }, nullable: false };
  if (typeof value === "boolean") return { type: { kind: "bool" }, nullable: false };
  if (typeof value !== "number") return ANYTHING;
  return { type: { kind: Number.isInteger(value) ? "int" : "double" }, nullable: false };
}

function typeOfObject(value: object | null): NullableType {
  if (value === null) return { type: NULL, nullable: true };
  if (Array.isArray(value)) return { type: listOf(value.map(typeOfValue)), nullable: false };
  const fields = Object.entries(value).map(
    ([name, field]) => [name, { ...typeOfValue(field), optional: false }] as const,
  );
  return {
    type: { kind: "object", fields: Object.fromEntries(fields), open: false },
    nullable: false,
  };
}

/** Type of a list of elements of the given types. */
export function listOf(elements: readonly NullableType[]): ValueType {
  return { kind: "list", of: elements.length === 0 ? DYN : orDyn(unite(elements)) };
}

function commonObject(left: ObjectType, right: ObjectType): ValueType {
  const names = new Set([...Object.keys(left.fields), ...Object.keys(right.fields)]);
  const fields = [...names].map(
    (name) =>
      [name, commonField([left, fieldOf(left, name)], [right, fieldOf(right, name)])] as const,
  );
  return {
    kind: "object",
    fields: Object.fromEntries(fields),
    open: left.open || right.open,
  };
}

type Side = readonly [ObjectType, FieldType | undefined];

function commonField([left, inLeft]: Side, [right, inRight]: Side): FieldType {
  if (inLeft !== undefined && inRight !== undefined) {
    return { ...commonNullable(inLeft, inRight), optional: inLeft.optional || inRight.optional };
  }
  const lacking = inLeft === undefined ? left : right;
  const known = inLeft ?? inRight;
  if (known === undefined || lacking.open) return { type: DYN, optional: true, nullable: true };
  return { ...known, optional: true };
}

function unite(types: readonly NullableType[]): NullableType {
  return types.length === 0 ? ANYTHING : types.reduce(commonNullable);
}

function read(schema: unknown, scope: SchemaScope): NullableType {
  if (!isJsonObject(schema)) return ANYTHING;
  if (typeof schema["$ref"] === "string") return follow(schema["$ref"], scope);
  if ("const" in schema) return typeOfValue(schema["const"]);
  if (Array.isArray(schema["enum"])) return unite(schema["enum"].map(typeOfValue));
  if (Array.isArray(schema["allOf"])) return readAll(schema, schema["allOf"], scope);
  const alternatives = schema["oneOf"] ?? schema["anyOf"];
  const saysMore = "type" in schema || "properties" in schema;
  if (Array.isArray(alternatives) && !saysMore) {
    return unite(alternatives.map((one: unknown) => read(one, scope)));
  }
  return readKinds(schema, scope);
}

function follow(reference: string, scope: SchemaScope): NullableType {
  const name = reference.replace(/^#\/(definitions|\$defs)\//, "");
  const key = [reference, name].find((candidate) => Object.hasOwn(scope.definitions, candidate));
  if (key === undefined || scope.following.includes(key)) return ANYTHING;
  return read(scope.definitions[key], { ...scope, following: [...scope.following, key] });
}

/** Parts that must all hold: fields add up, and one that any part requires is required. */
function readAll(
  schema: Readonly<Record<string, unknown>>,
  parts: readonly unknown[],
  scope: SchemaScope,
): NullableType {
  const { allOf: _, ...rest } = schema;
  const types = [rest, ...parts]
    .map((part) => read(part, scope))
    .filter(({ type }) => type.kind !== "dyn");
  const [first = ANYTHING, ...others] = types;
  return others.reduce((whole, part) => {
    if (whole.type.kind !== "object" || part.type.kind !== "object") return whole;
    return { type: bothObjects(whole.type, part.type), nullable: whole.nullable && part.nullable };
  }, first);
}

function bothObjects(left: ObjectType, right: ObjectType): ValueType {
  const fields = { ...left.fields };
  for (const [name, field] of Object.entries(right.fields)) {
    const known = fieldOf(left, name);
    fields[name] = { ...field, optional: field.optional && (known?.optional ?? true) };
  }
  return { kind: "object", fields, open: left.open && right.open };
}

function readKinds(schema: Readonly<Record<string, unknown>>, scope: SchemaScope): NullableType {
  const kinds: readonly unknown[] = Array.isArray(schema["type"])
    ? schema["type"]
    : [schema["type"] ?? ("properties" in schema ? "object" : undefined)];
  return unite(kinds.map((kind) => readKind(kind, schema, scope)));
}

function readKind(
  kind: unknown,
  schema: Readonly<Record<string, unknown>>,
  scope: SchemaScope,
): NullableType {
  switch (kind) {
    case "string":
      return { type: { kind: "string" }, nullable: false };
    case "integer":
      return { type: { kind: "int" }, nullable: false };
    case "number":
      return { type: { kind: "double" }, nullable: false };
    case "boolean":
      return { type: { kind: "bool" }, nullable: false };
    case "null":
      return { type: NULL, nullable: true };
    case "array":
      return { type: { kind: "list", of: orDyn(read(schema["items"], scope)) }, nullable: false };
    case "object":
      return { type: readObject(schema, scope), nullable: false };
    default:
      return ANYTHING;
  }
}

function readObject(schema: Readonly<Record<string, unknown>>, scope: SchemaScope): ValueType {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : undefined;
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  const others = schema["additionalProperties"] ?? properties === undefined;
  const fields = Object.entries(properties ?? {}).map(
    ([name, property]) =>
      [name, { ...read(property, scope), optional: !required.includes(name) }] as const,
  );
  return { kind: "object", fields: Object.fromEntries(fields), open: others !== false };
}
