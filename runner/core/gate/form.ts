/** The form of a question: what it begins with, what each field takes, and what is wrong with an answer. */
import { entryOf } from "#runner/core/entry.ts";
import { hasType } from "#runner/core/param.ts";
import { closest } from "#runner/core/suggest.ts";
import { TEXT_FORMATS } from "#runner/core/text-format.ts";
import type { AskForm, FormField, FormItems } from "#runner/schema/types.gen.ts";

export type Answer = Readonly<Record<string, unknown>>;

export interface FormProblem {
  readonly field: string;
  /** A required field without a value is looked for at its key, or nowhere. */
  readonly kind: "unknown" | "missing" | "value";
  readonly message: string;
  readonly hint: string;
}

export function problemWords({ message, hint }: Pick<FormProblem, "message" | "hint">): string {
  return hint === "" ? message : `${message} (${hint})`;
}

/** What the form itself begins with. */
export function defaultsOf(form: AskForm): Answer {
  return Object.fromEntries(
    Object.entries(form.properties).flatMap(([name, field]) =>
      field.default === undefined ? [] : [[name, field.default]],
    ),
  );
}

/** An empty field is no answer. */
export function withoutEmpty(answer: Answer): Answer {
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== null));
}

/** In the order of the form; none when the answer is whole and right. */
export function formProblems(form: AskForm, answer: Answer): readonly FormProblem[] {
  const { required = [], properties } = form;
  const missing = Object.keys(properties)
    .filter((name) => required.includes(name) && entryOf(answer, name) === undefined)
    .map((name): FormProblem => {
      const wanted = fieldWords(entryOf(properties, name));
      return { field: name, kind: "missing", message: `${name} needs an answer`, hint: wanted };
    });
  return [...valueProblems(form, answer), ...missing];
}

/** As {@link formProblems}, where fields may still be empty. */
export function valueProblems({ properties }: AskForm, answer: Answer): readonly FormProblem[] {
  return Object.entries(answer).flatMap(([name, value]): readonly FormProblem[] => {
    const field = entryOf(properties, name);
    if (field === undefined) return [unknownField(name, Object.keys(properties))];
    const problem = problemOf(field, value);
    return problem === null
      ? []
      : [{ field: name, kind: "value", message: `${name} ${problem}`, hint: fieldWords(field) }];
  });
}

function unknownField(field: string, known: readonly string[]): FormProblem {
  const near = closest(field, known);
  const hint = near === undefined ? `it has ${known.join(", ")}` : `did you mean ${near}?`;
  return { field, kind: "unknown", message: `the form has no field ${field}`, hint };
}

/** What may be written into a field: `a whole number from 1 to 90`, `warm or firm`. */
export function fieldWords(field: FormField | undefined): string {
  if (field === undefined) return "";
  if (field.type !== "array") return entryWords(field);
  const { items, minItems, maxItems, uniqueItems } = field;
  const counts = [
    ...boundWords({ least: minItems, most: maxItems }, "entries"),
    ...(uniqueItems === true ? ["no entry twice"] : []),
  ];
  const of = items === undefined ? "" : ` of ${entryWords(items)}`;
  return [`a list${of}`, ...counts].join(", ");
}

const TYPE_WORDS: Readonly<Record<FormField["type"], string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
};

const FORMAT_WORDS: Readonly<Record<NonNullable<FormField["format"]>, string>> = {
  date: "a date such as 2026-11-22",
  "date-time": "an instant such as 2026-11-22T08:00:00Z",
  email: "an e-mail address",
  uri: "an address such as https://example.com",
};

type Entry = FormItems | FormField;

function entryWords(entry: Entry): string {
  if (entry.enum !== undefined) return orWords(entry.enum.map(String));
  const { type, format, pattern, minLength, maxLength } = entry;
  return [
    format === undefined ? TYPE_WORDS[type] : FORMAT_WORDS[format],
    ...limitWords(entry),
    ...boundWords({ least: minLength, most: maxLength }, "characters"),
    ...(pattern === undefined ? [] : [`matching ${pattern}`]),
  ].join(", ");
}

function orWords(values: readonly string[]): string {
  const last = values.at(-1) ?? "";
  return values.length < 2 ? last : `${values.slice(0, -1).join(", ")} or ${last}`;
}

function limitWords({
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
}: Entry): readonly string[] {
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`less than ${exclusiveMaximum}`]),
  ];
}

interface Bounds {
  readonly least: number | undefined;
  readonly most: number | undefined;
}

function boundWords({ least, most }: Bounds, what: string): readonly string[] {
  return [
    ...(least === undefined ? [] : [`at least ${least} ${what}`]),
    ...(most === undefined ? [] : [`at most ${most} ${what}`]),
  ];
}

/** Follows the name of the field; null where the value is right. */
function problemOf(field: FormField, value: unknown): string | null {
  if (field.type !== "array") return entryProblem(field, value);
  if (!Array.isArray(value)) return `must be a list, not ${kindOf(value)}`;
  const entries: readonly unknown[] = value;
  const { items, minItems, maxItems, uniqueItems } = field;
  const beyond = beyondBounds({ least: minItems, most: maxItems }, entries.length);
  if (beyond) return `has ${entries.length} entries`;
  const spelled = entries.map((entry) => JSON.stringify(entry));
  if (uniqueItems === true && new Set(spelled).size < spelled.length) return "has an entry twice";
  if (items === undefined) return null;
  const wrong = entries.findIndex((entry) => entryProblem(items, entry) !== null);
  return wrong === -1
    ? null
    : `entry ${wrong + 1} ${entryProblem(items, entries[wrong]) ?? "is wrong"}`;
}

function entryProblem(entry: Entry, value: unknown): string | null {
  if (!isOfType(entry.type, value)) {
    return `must be ${TYPE_WORDS[entry.type]}, not ${kindOf(value)}`;
  }
  const allowed: readonly unknown[] | undefined = entry.enum;
  if (allowed !== undefined && !allowed.includes(value)) return `cannot be ${shown(value)}`;
  if (typeof value === "number") return isBeyond(entry, value) ? `cannot be ${value}` : null;
  return typeof value === "string" ? textProblem(entry, value) : null;
}

function isOfType(type: Entry["type"], value: unknown): boolean {
  return type === "array" ? Array.isArray(value) : hasType(type, value);
}

function isBeyond(entry: Entry, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = entry;
  return (
    beyondBounds({ least: minimum, most: maximum }, value) ||
    (exclusiveMinimum !== undefined && value <= exclusiveMinimum) ||
    (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
  );
}

function beyondBounds({ least, most }: Bounds, value: number): boolean {
  return (least !== undefined && value < least) || (most !== undefined && value > most);
}

function textProblem(
  { format, pattern, minLength, maxLength }: Entry,
  text: string,
): string | null {
  const length = Array.from(text).length;
  if (beyondBounds({ least: minLength, most: maxLength }, length)) {
    return `has ${length} characters`;
  }
  if (format !== undefined && !TEXT_FORMATS[format](text)) return `cannot be ${shown(text)}`;
  const isFit = pattern === undefined || new RegExp(pattern).test(text);
  return isFit ? null : `cannot be ${shown(text)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : shown(value);
}

const LONGEST_SHOWN = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  const letters = Array.from(text);
  return letters.length > LONGEST_SHOWN ? `${letters.slice(0, LONGEST_SHOWN).join("")}…` : text;
}
