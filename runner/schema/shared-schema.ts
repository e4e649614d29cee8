/** Files of the workspace's schemas/ folder that schemas of agents refer to. */
import { agentSchemaProblems } from "./agent-schema-limits.ts";
import { schemaProblems } from "./schema-problem.ts";
import type { JsonSchema } from "./types.gen.ts";
import { jsonSchema } from "./validators.gen.js";

/** By file name. */
export type SharedSchemas = Readonly<Record<string, JsonSchema>>;

/** References may name a file or one of its definitions. */
export function withDefinitions(shared: SharedSchemas): Readonly<Record<string, unknown>> {
  const definitions = Object.entries(shared).flatMap(([file, schema]) =>
    Object.entries(Object(schema["definitions"] ?? {})).map(
      ([name, definition]) => [`${file}#/definitions/${name}`, definition] as const,
    ),
  );
  return { ...shared, ...Object.fromEntries(definitions) };
}

/** Why a file, or one that it refers to, is no schema that can be used; undefined when all are. Each is judged once. */
export function judgeShared(shared: SharedSchemas): (file: string) => string | undefined {
  const known = withDefinitions(shared);
  const judged = new Map<string, string | undefined>();
  const judge = (file: string, schema: JsonSchema): string | undefined => {
    if (!judged.has(file)) judged.set(file, wrongIn(schema, known));
    const why = judged.get(file);
    return why === undefined ? undefined : `schemas/${file}: ${why}`;
  };
  return (file) =>
    [...reachable({ $ref: file }, shared)]
      .map(([name, schema]) => judge(name, schema))
      .find((why) => why !== undefined);
}

function wrongIn(schema: JsonSchema, known: Readonly<Record<string, unknown>>): string | undefined {
  const unknown = [...referencesIn(schema)].find(
    (reference) => !reference.startsWith("#") && !Object.hasOwn(known, reference),
  );
  if (unknown !== undefined) return `schemas/ has no ${unknown}`;
  const [problem] = jsonSchema(schema)
    ? agentSchemaProblems("", schema)
    : schemaProblems(jsonSchema.errors ?? []);
  return problem === undefined ? undefined : `${problem.pointer} ${problem.message}`.trim();
}

/** The shared schemas that `schema` refers to, directly or through others. */
export function reachable(
  schema: JsonSchema,
  shared: SharedSchemas,
): ReadonlyMap<string, JsonSchema> {
  const reached = new Map<string, JsonSchema>();
  const waiting = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const reference of referencesIn(next)) {
      const [name = ""] = reference.split("#");
      const named = Object.hasOwn(shared, name) ? shared[name] : undefined;
      if (named === undefined || reached.has(name)) continue;
      reached.set(name, named);
      waiting.push(named);
    }
  }
  return reached;
}

function* referencesIn(schema: JsonSchema): Generator<string> {
  const waiting: unknown[] = [schema];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (typeof part !== "object" || part === null) continue;
    const reference: unknown = Reflect.get(part, "$ref");
    if (typeof reference === "string") yield reference;
    waiting.push(...Object.values(part));
  }
}
