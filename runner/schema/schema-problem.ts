/** What ajv says → what a person needs: one problem for one mistake, at the right node. */
import { closest } from "#runner/core/suggest.ts";
import type { Problem } from "./violation.ts";
import type { SchemaError } from "./validator.ts";

/** A problem at a JSON pointer; `part` says which side of the pair. */
export interface SchemaProblem extends Pick<Problem, "code" | "message" | "hint"> {
  readonly pointer: string;
  readonly part: "key" | "value";
}

/** Keywords that only repeat what the error inside them says. */
const ECHOES = new Set(["if", "propertyNames"]);

interface Variant {
  /** The key that decides for the kind whose schema judged the map. */
  readonly key: string;
  /** The keys that decide for the other kinds. */
  readonly others: readonly string[];
}

/** What a rung of the ladder is decided by, beside `model`. */
const RUNGS = ["command", "codingAgent", "http", "container", "template"];

/** Maps whose kind is a key that they have, by the title of the schema that judges them when none of these is there. */
const VARIANTS: Readonly<Record<string, Variant>> = {
  AgentStep: { key: "agent", others: ["gate", "ask", "wait"] },
  Runtime: { key: "model", others: RUNGS },
  ModelRung: { key: "model", others: RUNGS },
};
const UNKNOWN = "additionalProperties";

/** Problems in the order of the errors; a mistake that makes several errors counts once. */
export function schemaProblems(errors: readonly SchemaError[]): readonly SchemaProblem[] {
  const problems = new Map<string, SchemaProblem>();
  for (const error of errors) {
    if (ECHOES.has(error.keyword) || isConsequence(error, errors)) continue;
    const problem = problemOf(error);
    const place = `${problem.part} ${problem.pointer} ${problem.message}`;
    // A schema that says what form the text has knows the better hint.
    const knowsForm = error.parentSchema?.["pattern"] !== undefined;
    if (!problems.has(place) || knowsForm) problems.set(place, problem);
  }
  return [...problems.values()];
}

/** True when another error of the same map says why this one is there. */
function isConsequence(error: SchemaError, errors: readonly SchemaError[]): boolean {
  switch (error.keyword) {
    case "false schema":
      return errors
        .slice(0, errors.indexOf(error))
        .some((one) => one.keyword === error.keyword && parentOf(one) === parentOf(error));
    case "required":
    case UNKNOWN:
      return isEchoOfTypo(
        error,
        errors.filter((one) => one !== error && one.instancePath === error.instancePath),
      );
    default:
      return false;
  }
}

function isEchoOfTypo(error: SchemaError, neighbours: readonly SchemaError[]): boolean {
  const unknown = neighbours.filter(({ keyword }) => keyword === UNKNOWN);
  const meant = new Set(unknown.map(suggestion));
  const variant = variantOf(error);
  // A misspelt key that decides for another kind: the rest was judged by the wrong schema.
  if (variant?.others.some((other) => meant.has(other)) === true) return true;
  if (error.keyword === UNKNOWN) return false;
  const missing = param(error, "missingProperty");
  return meant.has(missing) || (missing === variant?.key && unknown.length > 0);
}

function variantOf(error: SchemaError): Variant | undefined {
  const title = error.parentSchema?.["title"];
  return typeof title === "string" ? VARIANTS[title] : undefined;
}

function parentOf(error: SchemaError): string {
  return error.instancePath.slice(0, error.instancePath.lastIndexOf("/"));
}

function problemOf(error: SchemaError): SchemaProblem {
  if (error.propertyName !== undefined) return badName(error, error.propertyName);
  const at = { pointer: error.instancePath, part: "value" } as const;
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(error);
    case "required":
      return {
        code: "schema/missing-key",
        ...at,
        part: "key",
        message: `the key ${param(error, "missingProperty")} is missing`,
        hint: missingHint(error),
      };
    case "false schema":
      return excludedKey(error);
    case "enum":
    case "const":
      return { code: "schema/value", ...at, ...valueWords(error) };
    case "type":
      return { code: "schema/type", ...at, ...typeWords(error) };
    case "pattern":
      return { code: "schema/pattern", ...at, ...patternWords(error, error.data) };
    default:
      return { code: `schema/${kebab(error.keyword)}`, ...at, message: spoken(error), hint: "" };
  }
}

function unknownKey(error: SchemaError): SchemaProblem {
  const key = param(error, "additionalProperty");
  const meant = suggestion(error);
  return {
    code: "schema/unknown-key",
    pointer: `${error.instancePath}/${escapePointer(key)}`,
    part: "key",
    message: `unknown key ${key}`,
    hint:
      meant === undefined ? listHint("known here", unusedKeys(error)) : `did you mean ${meant}?`,
  };
}

function missingHint(error: SchemaError): string {
  const variant = variantOf(error);
  if (variant === undefined || variant.key !== param(error, "missingProperty")) return "";
  return `it has one of ${[variant.key, ...variant.others].join(", ")}`;
}

function excludedKey(error: SchemaError): SchemaProblem {
  const key = error.instancePath.slice(error.instancePath.lastIndexOf("/") + 1);
  return {
    code: "schema/excluded-key",
    pointer: error.instancePath,
    part: "key",
    message: `${key} cannot stand here`,
    hint: `a runtime has one of ${["model", ...RUNGS].join(", ")}`,
  };
}

function badName(error: SchemaError, name: string): SchemaProblem {
  return {
    code: "schema/name",
    pointer: `${error.instancePath}/${escapePointer(name)}`,
    part: "key",
    ...patternWords(error, name),
  };
}

type Words = Pick<Problem, "message" | "hint">;

function valueWords(error: SchemaError): Words {
  const allowed = error.params["allowedValues"] ?? [error.params["allowedValue"]];
  const values = Array.isArray(allowed) ? allowed.map(String) : [];
  const meant = typeof error.data === "string" ? closest(error.data, values) : undefined;
  return {
    message: `${shown(error.data)} is not ${values.length === 1 ? "" : "one of "}${values.join(", ")}`,
    hint: meant === undefined ? "" : `did you mean ${meant}?`,
  };
}

function typeWords(error: SchemaError): Words {
  const wanted = [error.params["type"]]
    .flat()
    .map((type) => TYPE_WORDS[String(type)] ?? String(type));
  const message = `must be ${wanted.join(" or ")}, not ${kindOf(error.data)}`;
  const isText = typeof error.data === "number" || typeof error.data === "boolean";
  const wantsText = [error.params["type"]].flat().includes("string");
  return { message, hint: isText && wantsText ? quoteHint(String(error.data), error) : "" };
}

/** Quotes are no help where the text would be wrong, too. */
function quoteHint(text: string, { parentSchema = {} }: SchemaError): string {
  const { pattern, patternErrorMessage } = parentSchema;
  const isGood = typeof pattern !== "string" || new RegExp(pattern, "u").test(text);
  if (isGood) return `quote it: "${text}"`;
  return typeof patternErrorMessage === "string" ? patternErrorMessage : "";
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "empty",
};

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return "text";
  return JSON.stringify(value) ?? "nothing";
}

function patternWords(error: SchemaError, value: unknown): Words {
  const words = error.parentSchema?.["patternErrorMessage"];
  const message =
    error.keyword === "pattern" ? "has the wrong form" : (error.message ?? "is wrong");
  return { message: `${shown(value)} ${message}`, hint: typeof words === "string" ? words : "" };
}

const LEAST = new Set(["minLength", "minItems", "minProperties"]);
const MOST = new Set(["maxLength", "maxItems", "maxProperties"]);

function spoken({ data, keyword, params, message = `breaks ${keyword}` }: SchemaError): string {
  if (LEAST.has(keyword)) return `needs ${String(params["limit"])} at least, has ${sizeOf(data)}`;
  if (MOST.has(keyword)) return `may have ${String(params["limit"])} at most, has ${sizeOf(data)}`;
  return typeof data === "number" ? `${data} ${message}` : message;
}

function sizeOf(value: unknown): number {
  return typeof value === "string" ? value.length : Object.keys(Object(value)).length;
}

function suggestion(error: SchemaError): string | undefined {
  return closest(param(error, "additionalProperty"), unusedKeys(error));
}

/** Keys that the schema knows, or that another kind of map would have, and that do not stand in the map yet. */
function unusedKeys(error: SchemaError): readonly string[] {
  const known = Object.keys(Object(error.parentSchema?.["properties"] ?? {}));
  const present = Object.keys(Object(error.data ?? {}));
  const all = new Set([...known, ...(variantOf(error)?.others ?? [])]);
  return [...all].filter((key) => !present.includes(key));
}

const MOST_LISTED = 12;

function listHint(words: string, names: readonly string[]): string {
  if (names.length === 0 || names.length > MOST_LISTED) return "";
  return `${words}: ${names.join(", ")}`;
}

function param(error: SchemaError, name: string): string {
  const value = error.params[name];
  return typeof value === "string" ? value : "";
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

function kebab(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
