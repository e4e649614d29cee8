/** Limits on external effects: each counts or sums, and what is summed is a number. */
import { expressionFindings, type Found, pointer } from "./check-finding.ts";
import { isSumLimit } from "#runner/core/effect-limit.ts";
import type { Scope } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import type { Agent, EffectLimit } from "#runner/schema/types.gen.ts";

export function checkEffectLimits({ effectLimits = [] }: Agent, scope: Scope): readonly Found[] {
  return effectLimits.flatMap((limit, index) => [
    ...checkForm(limit, index),
    ...checkSum(limit, index, scope),
  ]);
}

function checkForm(limit: EffectLimit, index: number): readonly Found[] {
  const { count, sum, max, unit } = limit;
  const isSummed = sum !== undefined || max !== undefined || unit !== undefined;
  const isWhole = count === undefined ? isSumLimit(limit) : !isSummed;
  if (isWhole) return [];
  const message = "a limit has either count, or sum with max and unit";
  return [{ code: "effect-limit/form", pointer: pointer("effectLimits", index), message }];
}

function checkSum({ sum }: EffectLimit, index: number, scope: Scope): readonly Found[] {
  if (sum === undefined) return [];
  const path = ["effectLimits", index, "sum"] as const;
  const compiled = compileValue(sum, scope);
  if (!compiled.ok) return expressionFindings(path, compiled.errors);
  const isNumber = ["int", "double", "dyn"].includes(compiled.type.kind);
  if (isNumber && !compiled.nullable) return [];
  const message = "a sum must be a number";
  return [{ code: "effect-limit/sum", pointer: pointer(...path), message }];
}
