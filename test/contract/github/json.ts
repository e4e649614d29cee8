export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text as it is; an empty one in place of anything else. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
