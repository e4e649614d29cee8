/** A schema that needs no other file: models are given it as it is, and know no file of the workspace. */
import { isJsonObject } from "#runner/core/json-object.ts";
import type { SharedSchemas } from "#runner/schema/shared-schema.ts";
import type { JsonSchema } from "#runner/schema/types.gen.ts";

/** What it refers to in the shared schemas stands in its own definitions. */
export function wholeSchema(schema: JsonSchema, shared: SharedSchemas = {}): JsonSchema {
  const found = new Map<string, unknown>();
  const rewritten = rewrite(schema, "", { shared, found });
  if (found.size === 0) return schema;
  const own = isJsonObject(rewritten) ? rewritten : {};
  const definitions = isJsonObject(own["definitions"]) ? own["definitions"] : {};
  return { ...own, definitions: { ...definitions, ...Object.fromEntries(found) } };
}

interface Search {
  readonly shared: SharedSchemas;
  /** By their names among the definitions. */
  readonly found: Map<string, unknown>;
}

/** `home` is the shared schema that the part stands in; empty for the schema itself. */
function rewrite(part: unknown, home: string, search: Search): unknown {
  if (Array.isArray(part)) return part.map((one: unknown) => rewrite(one, home, search));
  if (!isJsonObject(part)) return part;
  const entries = Object.entries(part)
    .filter(([key]) => home === "" || (key !== "$id" && key !== "$schema"))
    .map(([key, value]) =>
      key === "$ref" && typeof value === "string"
        ? [key, reference(value, home, search)]
        : [key, rewrite(value, home, search)],
    );
  return Object.fromEntries(entries);
}

function reference(text: string, home: string, search: Search): string {
  const [file = "", pointer = ""] = text.split("#", 2);
  const name = file === "" ? home : file;
  const named = Object.hasOwn(search.shared, name) ? search.shared[name] : undefined;
  if (named === undefined) return text;
  const key = `shared_${name.replaceAll(/\W/gu, "_")}`;
  if (!search.found.has(key)) {
    search.found.set(key, {}); // a schema may refer to itself
    search.found.set(key, rewrite(named, name, search));
  }
  return `#/definitions/${key}${pointer}`;
}
