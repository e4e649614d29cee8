/** Values of JSON that hold members by name. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of an object, and of a list by place; none of anything else. */
export function membersOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
