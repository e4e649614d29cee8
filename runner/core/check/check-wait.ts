/** A wait step: one way to say how long, and an instant that can be told. */
import { expressionFindings, type Found, pointer } from "./check-finding.ts";
import type { PlacedStep } from "./check-graph.ts";
import { compileExpression, type Scope } from "#runner/core/expression/expression.ts";
import { describeType } from "#runner/core/expression/value-type.ts";
import type { WaitStep } from "#runner/schema/types.gen.ts";

interface Place {
  readonly path: PlacedStep["path"];
  readonly scope: Scope;
}

export function checkWait(step: WaitStep, { path: own, scope }: Place): readonly Found[] {
  const { wait, timeout } = step;
  const path = [...own, "wait"];
  if ((wait.for === undefined) === (wait.until === undefined)) {
    const message = "wait has either for or until";
    const hint = "such as wait: { for: 3d }";
    return [{ code: "step/wait", pointer: pointer(...path), part: "key", message, hint }];
  }
  if (wait.until !== undefined) return checkUntil([...path, "until"], wait.until, scope);
  if (timeout === undefined) return [];
  const message = "timeout needs until: with for it is known how long the step waits";
  const at = pointer(...own, "timeout");
  return [{ code: "step/wait", pointer: at, part: "key", message }];
}

function checkUntil(
  path: readonly (string | number)[],
  until: string,
  scope: Scope,
): readonly Found[] {
  const compiled = compileExpression(until, scope);
  if (!compiled.ok) return expressionFindings(path, compiled.errors);
  const { type, nullable } = compiled;
  if (!nullable && (type.kind === "string" || type.kind === "dyn")) return [];
  const found = nullable ? "something that may be null" : describeType(type);
  // What a condition sees does not change while the run waits: it would hold for ever, or not at all.
  const isCondition = type.kind === "bool" && !nullable;
  const hint = isCondition
    ? "a condition belongs in `if`: it does not change while a run waits"
    : dateHint(until);
  const message = `until needs an instant, this is ${found}`;
  return [{ code: "expression/type", pointer: pointer(...path), message, hint }];
}

/** `2026-12-01` is two subtractions. */
function dateHint(until: string): string {
  const date = until.trim();
  return /^\d{4}-\d{1,2}-\d{1,2}$/.test(date) ? `a date is text: until: "'${date}'"` : "";
}
