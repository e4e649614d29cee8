/** Expressions: CEL's grammar with fettle's strict meaning, compiled once and evaluated against plain JSON. */
import { checkExpression, type ExpressionError, type Scope } from "./expression-check.ts";
import { evaluateTree } from "./expression-evaluate.ts";
import { Hold, kindOf, toJson } from "./expression-operand.ts";
import { parseExpression } from "./expression-parse.ts";
import { referencesOf } from "./expression-reference.ts";
import type { ValueType } from "./value-type.ts";

export type { ExpressionError, Scope } from "./expression-check.ts";

/** A value, or the reason to hold: an operand was null, missing or of the wrong kind, or had no result. */
export type Evaluation<Value = unknown> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

/** `evaluate` takes the values of the variables in scope as JSON, gives JSON, and never throws. */
export interface Compiled<Value = unknown> {
  readonly ok: true;
  readonly type: ValueType;
  /** The value may be null. */
  readonly nullable: boolean;
  /** What is read of the scope: `["steps", "find", "outputs", "overdue"]`. */
  readonly references: readonly (readonly string[])[];
  readonly evaluate: (values: Readonly<Record<string, unknown>>) => Evaluation<Value>;
}

export interface Refused<Problem = ExpressionError> {
  readonly ok: false;
  readonly errors: readonly Problem[];
}

/** Compiles the inside of `${{ … }}`. */
export function compileExpression(source: string, scope: Scope): Compiled | Refused {
  const parsed = parseExpression(source);
  if (!parsed.ok) return { ok: false, errors: parsed.problems };
  const { tree } = parsed;
  const { type, errors, types } = checkExpression(tree, source, scope);
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    ...type,
    references: referencesOf(tree),
    evaluate: (values) => {
      const value = evaluateTree({ tree, source, types }, values);
      const json = value instanceof Hold ? value : toJson(value);
      return json instanceof Hold ? { ok: false, reason: json.reason } : { ok: true, value: json };
    },
  };
}

/** Compiles a bare condition (`when`, `if`, `until`): it must come out true or false. */
export function compileCondition(source: string, scope: Scope): Compiled<boolean> | Refused {
  const compiled = compileExpression(source, scope);
  if (!compiled.ok) return compiled;
  const { type, nullable } = compiled;
  if (nullable || (type.kind !== "bool" && type.kind !== "dyn")) {
    const found = nullable ? "may be null" : `is ${type.kind}`;
    const message = `a condition must be true or false; this one ${found}`;
    return { ok: false, errors: [{ message, offset: 0, length: source.length }] };
  }
  return {
    ...compiled,
    evaluate: (values) => {
      const result = compiled.evaluate(values);
      if (!result.ok) return result;
      if (typeof result.value === "boolean") return { ok: true, value: result.value };
      return { ok: false, reason: `the condition is ${kindOf(result.value)}, not true or false` };
    },
  };
}
