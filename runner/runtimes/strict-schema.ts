/** Whether a schema is of the kind that providers hold answers to. */
import { isJsonObject } from "#runner/core/json-object.ts";
import type { JsonSchema } from "#runner/schema/types.gen.ts";
import type { Line } from "./json-lines.ts";

/**
 * OpenAI takes only objects whose keys are all required and that have no others, and no reference to another file;
 * it refuses the whole request otherwise.
 */
export function isStrictSchema(schema: JsonSchema): boolean {
  return isSelfContained(schema) && isStrict(schema);
}

/** Without references to other files. */
export function isSelfContained(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return true;
  return Object.entries(schema).every(([key, value]) =>
    key === "$ref" && typeof value === "string" ? value.startsWith("#") : isSelfContained(value),
  );
}

function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (!isJsonObject(schema)) return true;
  return isClosed(schema) && Object.values(schema).every(isStrict);
}

/** Whatever is not an object is closed. */
function isClosed({ type, properties, required, additionalProperties }: Line): boolean {
  if (properties === undefined) return type !== "object";
  if (!isJsonObject(properties)) return false;
  const all = Array.isArray(required) ? required : [];
  return (
    additionalProperties === false && Object.keys(properties).every((key) => all.includes(key))
  );
}
