/** What a program reports line by line, as JSON objects of no certain form. */
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";
import { parseAgentJson } from "./agent-json.ts";

export type Line = JsonObject;

/** The lines that are JSON objects; warnings and half a last line are left out. */
export function jsonLines(text: string): readonly Line[] {
  return text.split("\n").flatMap((line): readonly Line[] => {
    if (!line.startsWith("{")) return [];
    try {
      const value = parseAgentJson(line);
      return isJsonObject(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

/** What stands at the path; undefined where there is nothing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isJsonObject(inner) ? inner[key] : undefined),
    value,
  );
}

/** Empty where there is no text. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}
