/** The file in which the operator answers a question: a line for each field, with what may stand there as comments. */
import { type Document, isMap, parseDocument, stringify } from "yaml";
import {
  fieldWords,
  formProblems,
  type FormProblem,
  problemWords,
  withoutEmpty,
} from "#runner/core/gate/form.ts";
import type { Question } from "#runner/core/gate/gate-action.ts";
import { pointer } from "#runner/core/check/check-finding.ts";
import { type Locate, parseYaml } from "./parse-yaml.ts";
import { FIRST_CHARACTER, type Problem, type Range } from "./violation.ts";
import type { AskForm, FormField } from "./types.gen.ts";

type Answer = Readonly<Record<string, unknown>>;

/** `at`: line and column. */
export type AnswerFile =
  | { readonly ok: true; readonly outputs: Answer; readonly locate: Locate }
  | { readonly ok: false; readonly reason: string; readonly at: string };

const HOW = `Fill in what is empty, change what you like, and merge: that is the answer. A field that may stay
empty is left out. To give no answer at all, reject it.`;

/** The form as YAML, with the answer that it begins with. */
export function renderAnswerFile({ text, about, form }: Question, initial: Answer): string {
  const head = [text, ...(about === "" ? [] : ["", about]), "", HOW].join("\n");
  const fields = Object.entries(form.properties).map(([name, field]) => {
    const isRequired = form.required?.includes(name) === true;
    return `${comment(fieldHead(name, field, isRequired))}${fieldLine(name, initial[name])}`;
  });
  return [comment(head), ...fields].join("\n");
}

function fieldHead(name: string, field: FormField, isRequired: boolean): string {
  const { title = name, description } = field;
  const first = `${title}${isRequired ? "" : " (may stay empty)"}: ${fieldWords(field)}`;
  return description === undefined ? first : `${first}\n${description}`;
}

/** Whatever the text holds, each of its lines is a comment. */
function comment(text: string): string {
  const lines = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/u);
  return lines
    .map((line) => `${`# ${line.replaceAll(/[\p{Cc}\p{Cf}]/gu, "")}`.trimEnd()}\n`)
    .join("");
}

function fieldLine(name: string, value: unknown): string {
  if (typeof value === "string" && value.includes("\n")) {
    return stringify({ [name]: value }, { lineWidth: 0, blockQuote: "literal" });
  }
  if (value === undefined || value === null) return `${name}:\n`;
  const isBare = typeof value === "string" && isPlain(value);
  return `${name}: ${isBare ? value : JSON.stringify(value)}\n`;
}

/** Read again it is the same text. */
function isPlain(value: string): boolean {
  const read = parseYaml(`value: ${value}\n`);
  return read.ok && JSON.stringify(read.value) === JSON.stringify({ value });
}

/** What stands in the file; an empty field is no answer. */
export function readAnswerFile(text: string): AnswerFile {
  const parsed = parseYaml(text);
  if (!parsed.ok) return unreadable(parsed.problems);
  const { value, locate } = parsed;
  if (value === null) return { ok: true, outputs: {}, locate };
  if (typeof value !== "object" || Array.isArray(value)) {
    const reason = "an answer is a map: a line for each field, such as amount: 5";
    return { ok: false, reason, at: placeOf(FIRST_CHARACTER) };
  }
  return { ok: true, outputs: withoutEmpty({ ...value }), locate };
}

/** Comments alone are a form without an answer. */
function unreadable([problem]: readonly Problem[]): AnswerFile {
  if (problem?.code === "yaml/empty") return { ok: true, outputs: {}, locate: atTop };
  const { message = "this is not YAML", hint = "" } = problem ?? {};
  return {
    ok: false,
    reason: problemWords({ message, hint }),
    at: placeOf(problem ?? FIRST_CHARACTER),
  };
}

function atTop(): Range {
  return FIRST_CHARACTER;
}

interface CheckedAnswer {
  readonly outputs: Answer | null;
  /** Why it is no answer to the form; null when it is one. */
  readonly problem: string | null;
  readonly at?: string;
}

/** What stands in the file against the form: the first thing that is wrong, with its place. */
export function checkAnswerFile(text: string, form: AskForm): CheckedAnswer {
  const file = readAnswerFile(text);
  if (!file.ok) return { outputs: null, problem: file.reason, at: file.at };
  const { outputs, locate } = file;
  const [first] = formProblems(form, outputs);
  if (first === undefined) return { outputs, problem: null };
  return { outputs, problem: problemWords(first), at: placeIn(first, locate) };
}

function placeIn({ field, kind }: FormProblem, locate: Locate): string {
  return placeOf(locate(pointer(field), kind === "value" ? "value" : "key"));
}

function placeOf({ line, col }: Range): string {
  return `${line}:${col}`;
}

/** The file with other values in some of its fields; comments and the other lines stay. */
export function changeAnswerFile(text: string, values: Answer): string {
  const document: Document = parseDocument(text, { version: "1.2", prettyErrors: false });
  if (!isMap(document.contents))
    return Object.entries(values)
      .map(([name, value]) => fieldLine(name, value))
      .join("");
  for (const [name, value] of Object.entries(values))
    document.set(name, document.createNode(value));
  return document.toString({ lineWidth: 0, blockQuote: "literal" });
}
