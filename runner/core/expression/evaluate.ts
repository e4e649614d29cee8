/**
 * Evaluation at run time. Validation has checked the types against the manifests; here every variable counts as dynamic,
 * so that a run goes on when schemas change around it. The one difference: a division that would depend on a whole number
 * being declared an int or a double holds and says so (`int(a) / int(b)` or `double(a) / double(b)` decide it).
 */
import { compileCondition, type Compiled, type Evaluation, type Refused } from "./expression.ts";
import { compileValue } from "./expression-value.ts";
import { DYN, type ValueType } from "./value-type.ts";

const VARIABLES = [
  "workspace",
  "project",
  "pipeline",
  "run",
  "trigger",
  "params",
  "previous",
  "steps",
  "item",
  "inputs",
  "failure",
  "iteration",
  "outputs",
  // Only where an effect is undone.
  "receipt",
  "undoes",
  "action",
  // Only in `degrade`.
  "budget",
  "slo",
  "outcome",
] as const;
/** Every name that an expression may use anywhere, of any type. */
export const ANY_SCOPE: Readonly<Record<string, ValueType>> = Object.fromEntries(
  VARIABLES.map((name) => [name, DYN]),
);
const CACHE_LIMIT = 5000;

type Compilation<Value> = Compiled<Value> | Refused;

const values = new Map<string, Compilation<unknown>>();
const conditions = new Map<string, Compilation<boolean>>();

/** The value of JSON whose strings may hold `${{ … }}`, or why it has none; `scope` holds JSON values. */
export function evaluateValue(
  template: unknown,
  scope: Readonly<Record<string, unknown>>,
): Evaluation {
  const compiled = compiledOnce(values, JSON.stringify(template), () =>
    compileValue(template, ANY_SCOPE),
  );
  return run(compiled, scope);
}

/** A bare condition, or why it is neither true nor false. */
export function evaluateCondition(
  source: string,
  scope: Readonly<Record<string, unknown>>,
): Evaluation<boolean> {
  return run(
    compiledOnce(conditions, source, () => compileCondition(source, ANY_SCOPE)),
    scope,
  );
}

/** Ids of the steps that a template's expressions name, in order of appearance. */
export function referencedSteps(template: unknown): readonly string[] {
  const compiled = compiledOnce(values, JSON.stringify(template), () =>
    compileValue(template, ANY_SCOPE),
  );
  if (!compiled.ok) return [];
  const ids = compiled.references.flatMap(([root, id]) =>
    root === "steps" && id !== undefined ? [id] : [],
  );
  return [...new Set(ids)];
}

/** Whether a template's value follows from one variable alone. */
export function dependsOnlyOn(template: unknown, variable: string): boolean {
  const compiled = compiledOnce(values, JSON.stringify(template), () =>
    compileValue(template, ANY_SCOPE),
  );
  return compiled.ok && compiled.references.every(([root]) => root === variable);
}

function run<Value>(
  compiled: Compilation<Value>,
  scope: Readonly<Record<string, unknown>>,
): Evaluation<Value> {
  return compiled.ok
    ? compiled.evaluate(scope)
    : { ok: false, reason: compiled.errors[0]?.message ?? "not an expression" };
}

/** Compilation is a pure function of the text; keeping its results saves compiling at every tick. */
function compiledOnce<Value>(
  cache: Map<string, Compilation<Value>>,
  key: string,
  compile: () => Compilation<Value>,
): Compilation<Value> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_LIMIT) cache.clear();
  const compiled = compile();
  cache.set(key, compiled);
  return compiled;
}
