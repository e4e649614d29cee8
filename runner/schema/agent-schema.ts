/** An agent's own JSON Schema, compiled when a value must be checked against it. Brings a compiler along: import it late. */
import { Ajv } from "ajv";
import { TEXT_FORMATS } from "#runner/core/text-format.ts";
import { agentSchemaProblems } from "./agent-schema-limits.ts";
import { boundPatternTime } from "./pattern-safety.ts";
import { reachable, type SharedSchemas } from "./shared-schema.ts";
import type { JsonSchema } from "./types.gen.ts";

/** `path` is a JSON pointer into the value. */
interface ValueError {
  readonly path: string;
  readonly message: string;
}

type Validation =
  | { readonly ok: true }
  | { readonly ok: false; readonly errors: readonly ValueError[] };

export type CompiledSchema =
  | { readonly ok: true; readonly validate: (value: unknown) => Validation }
  | { readonly ok: false; readonly reason: string };

const DEEPEST_VALUE = 64;
const MOST_PARTS = 200_000;

/**
 * Compiles a schema (draft-07). Nothing is fetched: a reference names a definition or one of `shared`.
 * `validate` never throws; it gives the first error only, and refuses values that are too deep or too large to walk.
 */
export function compileAgentSchema(schema: JsonSchema, shared: SharedSchemas = {}): CompiledSchema {
  const reached = reachable(schema, shared);
  const [problem] = [schema, ...reached.values()].flatMap((one) => agentSchemaProblems("", one));
  if (problem !== undefined)
    return { ok: false, reason: `${problem.pointer} ${problem.message}`.trim() };
  boundPatternTime();
  try {
    // Flag `u` would keep patterns out of the engine of linear time.
    const ajv = new Ajv({
      strict: false,
      unicodeRegExp: false,
      formats: TEXT_FORMATS,
      logger: false,
      // The schema of a manifest was judged when that was loaded; a file of schemas/ was not.
      meta: reached.size > 0,
      validateSchema: reached.size > 0,
    });
    for (const [name, one] of reached) ajv.addSchema({ ...one, $id: name }, name);
    const { $id: _, ...anonymous } = schema;
    const validate = ajv.compile(anonymous);
    return {
      ok: true,
      validate: (value) => {
        const unfit = unfitValue(value);
        if (unfit !== undefined) return { ok: false, errors: [{ path: "", message: unfit }] };
        if (validate(value)) return { ok: true };
        const errors = (validate.errors ?? []).map(({ instancePath, message }) => ({
          path: instancePath,
          message: message ?? "does not fit the schema",
        }));
        return { ok: false, errors };
      },
    };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Why a value cannot be walked safely; undefined when it can. */
function unfitValue(value: unknown): string | undefined {
  let parts = 0;
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST_VALUE) return `is nested more than ${DEEPEST_VALUE} deep`;
    parts += level.length;
    if (parts > MOST_PARTS) return `has more than ${MOST_PARTS} parts`;
    level = level.flatMap((part) =>
      typeof part === "object" && part !== null ? Object.values(part) : [],
    );
  }
  return undefined;
}
