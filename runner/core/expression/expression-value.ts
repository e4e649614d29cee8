/** Values with expressions inside: what stands under `with:`, `show:` and `outputs:`. */
import {
  type Compiled,
  compileExpression,
  type Evaluation,
  type ExpressionError,
  type Refused,
  type Scope,
} from "./expression.ts";
import { Hold, joinTexts, kindOf, spell } from "./expression-operand.ts";
import { parseTemplateText, type TextPart } from "./expression-text.ts";
import { describeType, type FieldType, listOf, typeOfValue, type ValueType } from "./value-type.ts";

/** Where in the value the string stands; `offset` counts from the start of that string. */
export interface ValueError extends ExpressionError {
  readonly path: readonly (string | number)[];
}

type CompiledEntry = readonly [name: string | number, Compiled | Refused<ValueError>];

const SPELLED: readonly ValueType["kind"][] = ["string", "int", "double", "bool", "dyn"];

/**
 * Compiles a JSON value whose strings may hold expressions. A string that is one expression keeps its type; with text
 * around it, the parts are joined and must be strings, numbers or truth values. Keys of maps are taken as they are.
 */
export function compileValue(value: unknown, scope: Scope): Compiled | Refused<ValueError> {
  if (typeof value === "string") return compileText(value, scope);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => [index, compileValue(item, scope)] as const);
    return combine(items, listType, (values) => values);
  }
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value);
    const fields = Object.entries(value).map(
      ([name, field]) => [name, compileValue(field, scope)] as const,
    );
    return combine(fields, objectType, (values) =>
      Object.fromEntries(names.map((name, index) => [name, values[index]])),
    );
  }
  return constant(value);
}

function compileText(text: string, scope: Scope): Compiled | Refused<ValueError> {
  const template = parseTemplateText(text);
  if (!template.ok) return { ok: false, errors: template.errors.map(atRoot) };
  const [first, second] = template.parts;
  if (first?.kind === "expression" && second === undefined) {
    return relocated(compileExpression(first.source, scope), first.offset);
  }
  const parts = template.parts.map((part) => compilePart(part, scope));
  const errors = parts.flatMap((part) => (part.ok ? [] : part.errors));
  if (errors.length > 0) return { ok: false, errors };
  const compiled = parts.filter((part) => part.ok);
  return {
    ok: true,
    type: { kind: "string" },
    nullable: false,
    references: uniteReferences(compiled),
    evaluate: (values) => joinParts(compiled.map(({ evaluate }) => evaluate(values))),
  };
}

function compilePart(part: TextPart, scope: Scope): Compiled | Refused<ValueError> {
  if (part.kind === "literal") return constant(part.text);
  const compiled = relocated(compileExpression(part.source, scope), part.offset);
  if (!compiled.ok || (!compiled.nullable && SPELLED.includes(compiled.type.kind))) return compiled;
  const found = compiled.nullable ? "a value that may be null" : describeType(compiled.type);
  const message = `text cannot hold ${found}: only strings, numbers and truth values`;
  const at = { offset: part.offset, length: part.source.length };
  return { ok: false, errors: [atRoot({ message, ...at })] };
}

function joinParts(parts: readonly Evaluation[]): Evaluation {
  const texts: string[] = [];
  for (const part of parts) {
    if (!part.ok) return part;
    const text = spell(part.value);
    if (text === undefined) return { ok: false, reason: `text cannot hold ${kindOf(part.value)}` };
    texts.push(text);
  }
  const joined = joinTexts(texts, "");
  return joined instanceof Hold
    ? { ok: false, reason: joined.reason }
    : { ok: true, value: joined };
}

function combine(
  entries: readonly CompiledEntry[],
  typeOf: (entries: readonly (readonly [string | number, Compiled])[]) => ValueType,
  build: (values: readonly unknown[]) => unknown,
): Compiled | Refused<ValueError> {
  const errors = entries.flatMap(([name, entry]) =>
    entry.ok ? [] : entry.errors.map(under(name)),
  );
  if (errors.length > 0) return { ok: false, errors };
  const compiled = entries.flatMap(([name, entry]) => (entry.ok ? [[name, entry] as const] : []));
  return {
    ok: true,
    type: typeOf(compiled),
    nullable: false,
    references: uniteReferences(compiled.map(([, entry]) => entry)),
    evaluate: (values) => {
      const results: unknown[] = [];
      for (const [name, entry] of compiled) {
        const result = entry.evaluate(values);
        if (!result.ok) return { ok: false, reason: `${name}: ${result.reason}` };
        results.push(result.value);
      }
      return { ok: true, value: build(results) };
    },
  };
}

function listType(items: readonly (readonly [string | number, Compiled])[]): ValueType {
  return listOf(items.map(([, item]) => item));
}

function objectType(entries: readonly (readonly [string | number, Compiled])[]): ValueType {
  const fields = entries.map(([name, { type, nullable }]): [string, FieldType] => [
    String(name),
    { type, nullable, optional: false },
  ]);
  return { kind: "object", fields: Object.fromEntries(fields), open: false };
}

function constant(value: unknown): Compiled {
  return { ok: true, ...typeOfValue(value), references: [], evaluate: () => ({ ok: true, value }) };
}

function uniteReferences(parts: readonly Compiled[]): readonly (readonly string[])[] {
  const all = parts.flatMap(({ references }) => references);
  return [...new Map(all.map((path) => [JSON.stringify(path), path])).values()];
}

function relocated(compiled: Compiled | Refused, offset: number): Compiled | Refused<ValueError> {
  if (compiled.ok) return compiled;
  const errors = compiled.errors.map((error) =>
    atRoot({ ...error, offset: error.offset + offset }),
  );
  return { ok: false, errors };
}

function atRoot(error: ExpressionError): ValueError {
  return { ...error, path: [] };
}

function under(name: string | number): (error: ValueError) => ValueError {
  return (error) => ({ ...error, path: [name, ...error.path] });
}
