/** What an agent's JSON Schema may be, so that compiling it and validating with it always end soon. */
import { isJsonObject } from "#runner/core/json-object.ts";
import { unsafePattern } from "./pattern-safety.ts";
import type { SchemaProblem } from "./schema-problem.ts";

const DEEPEST = 16;
const MOST_PARTS = 500;

/** Problems of a schema at `pointer` of its manifest; its form is known to be right already. */
export function agentSchemaProblems(pointer: string, schema: unknown): readonly SchemaProblem[] {
  if (!isJsonObject(schema)) return [];
  const problems: SchemaProblem[] = [];
  if (schema["type"] !== "object" && !("$ref" in schema)) {
    problems.push(problem(pointer, "schema/agent-type", "must describe an object: type: object"));
  }
  const parts = partsOf(pointer, schema, 0);
  if (parts.length > MOST_PARTS) {
    problems.push(problem(pointer, "schema/agent-size", `has more than ${MOST_PARTS} parts`));
  }
  if (parts.some(({ depth }) => depth > DEEPEST)) {
    problems.push(problem(pointer, "schema/agent-size", `is nested more than ${DEEPEST} deep`));
  }
  return [...problems, ...parts.flatMap((part) => partProblems(part, schema))];
}

interface SchemaPart {
  readonly pointer: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly depth: number;
}

const MAPS = ["properties", "patternProperties", "definitions"];
const LISTS = ["allOf", "anyOf", "oneOf"];
const SINGLES = [
  "items",
  "contains",
  "additionalProperties",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
];

/** Every schema inside a schema, itself first. */
function partsOf(pointer: string, schema: unknown, depth: number): readonly SchemaPart[] {
  if (!isJsonObject(schema) || depth > DEEPEST + 1) return [];
  const inside = (key: string, value: unknown): readonly SchemaPart[] =>
    Object.entries(Object(value)).flatMap(([name, part]) =>
      partsOf(
        `${pointer}/${key}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
        part,
        depth + 1,
      ),
    );
  return [
    { pointer, schema, depth },
    ...SINGLES.flatMap((key) => partsOf(`${pointer}/${key}`, schema[key], depth + 1)),
    ...[...MAPS, ...LISTS].flatMap((key) => inside(key, schema[key] ?? {})),
  ];
}

function partProblems({ pointer, schema }: SchemaPart, root: object): readonly SchemaProblem[] {
  const patterns = Object.keys(Object(schema["patternProperties"] ?? {}));
  const problems = [schema["pattern"], ...patterns].flatMap((pattern) => {
    const why = typeof pattern === "string" ? unsafePattern(pattern) : undefined;
    const key = pattern === schema["pattern"] ? "pattern" : "patternProperties";
    return why === undefined
      ? []
      : [problem(`${pointer}/${key}`, "schema/agent-pattern", `the pattern ${why}`)];
  });
  const reference = schema["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#")) return problems;
  if (reference === "#" || reference === "#/" || !hasDefinition(root, reference)) {
    const message = `${reference} is not a definition of this schema`;
    return [...problems, problem(`${pointer}/$ref`, "ref/definition", message)];
  }
  return problems;
}

function hasDefinition(root: object, reference: string): boolean {
  const [, key, name, rest] = reference.split("/");
  const definitions = "definitions" in root ? root.definitions : undefined;
  return (
    key === "definitions" &&
    rest === undefined &&
    isJsonObject(definitions) &&
    name !== undefined &&
    Object.hasOwn(definitions, name)
  );
}

function problem(pointer: string, code: string, message: string): SchemaProblem {
  return { code, pointer, part: "value", message, hint: "" };
}
