/** `with:` against the inputs that an agent wants, or the parameters of a pipeline. */
import { type Mismatch, mismatches } from "./check-assignable.ts";
import { expressionFindings, type Found, nameHint, pointer } from "./check-finding.ts";
import type { Scope } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import type { SharedTypes } from "./check-scope.ts";
import { type ValueType, valueTypeOf } from "#runner/core/expression/value-type.ts";
import type { Agent } from "#runner/schema/types.gen.ts";

interface Call {
  /** The key that holds what is given; `with` unless it says otherwise. */
  readonly key?: "with" | "default";
  /** Where the call stands: `/steps/0`. */
  readonly path: readonly (string | number)[];
  readonly with: unknown;
  readonly scope: Scope;
  readonly callee: Callee;
}

interface Callee {
  /** `agent writer` */
  readonly name: string;
  readonly takes: "input" | "parameter" | "field";
  /** null: not known. */
  readonly wanted: ValueType | null;
}

export function calledAgent(name: string, agent: Agent | null, shared: SharedTypes): Callee {
  const wanted = agent === null ? null : valueTypeOf(agent.inputs, shared);
  return { name: `agent ${name}`, takes: "input", wanted };
}

export function checkInput(call: Call): readonly Found[] {
  const path = [...call.path, call.key ?? "with"];
  const compiled = compileValue(call.with ?? {}, call.scope);
  if (!compiled.ok) return expressionFindings(path, compiled.errors);
  const { callee } = call;
  const { wanted } = callee;
  if (wanted === null) return [];
  return mismatches(compiled.type, wanted).flatMap((mismatch) => {
    const isOurs = isWritten(call.with, mismatch.path);
    // A value from elsewhere may bring more than is wanted; only a key that stands here can be misspelt.
    if (mismatch.kind === "unknown" && !isOurs) return [];
    const written = call.with === undefined ? call.path : path;
    return {
      code: `input/${mismatch.kind}`,
      pointer: isOurs ? pointer(...written, ...mismatch.path) : pointer(...written),
      part: mismatch.kind === "type" ? "value" : "key",
      message: `${callee.name}: ${describe(mismatch, callee)}`,
      hint: mismatch.kind === "unknown" ? nameHint(mismatch.path.at(-1) ?? "", mismatch.known) : "",
    } satisfies Found;
  });
}

function describe({ kind, path, message }: Mismatch, { takes }: Callee): string {
  const name = path.join(".");
  if (kind === "unknown") return `it has no ${takes} ${name}`;
  return kind === "missing" ? `the ${takes} ${name} is missing` : `the ${takes} ${name} ${message}`;
}

/** True when the path leads through maps of the manifest itself, not through the result of an expression. */
function isWritten(value: unknown, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return true;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, first)) return false;
  return isWritten(Object.entries(value).find(([name]) => name === first)?.[1], rest);
}
