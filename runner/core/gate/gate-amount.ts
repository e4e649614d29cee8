/** What the effects after a gate come to if all that it shows is approved. */
import { isJsonObject } from "#runner/core/json-object.ts";
import { type EffectSums, isSumLimit, limitsOf, sumsOf } from "#runner/core/effect-limit.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import type { AgentVersion } from "#runner/core/model.ts";
import type { Scope } from "#runner/core/run-scope.ts";
import { itemScope, itemsOf } from "#runner/core/step-items.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { AgentStep, EffectLimit } from "#runner/schema/types.gen.ts";

const MILLION = 1_000_000;

interface Acting {
  readonly step: AgentStep;
  readonly agent: AgentVersion | undefined;
}

/** 0 where no limit of the agent sums its effects; undefined where that cannot be told before, or several units are summed. */
export function amountAfter(
  context: RunContext,
  { step, agent }: Acting,
  scope: Scope,
): number | undefined {
  if (agent === undefined) return undefined;
  const limits = limitsOf(context, agent).filter(isSumLimit);
  if (limits.length === 0) return 0;
  const items = itemsOf(step, scope);
  if (!items.ok) return undefined;
  const sums = items.list.map((item) => sumsOfItem(step, limits, itemScope(scope, item)));
  if (!sums.every((sum) => sum !== undefined)) return undefined;
  const units = new Set(sums.flatMap((sum) => Object.keys(sum)));
  if (units.size > 1) return undefined;
  return sums.flatMap((sum) => Object.values(sum)).reduce(add, 0) / MILLION;
}

function sumsOfItem(
  { with: template = {} }: AgentStep,
  limits: readonly EffectLimit[],
  scope: Scope,
): EffectSums | undefined {
  const inputs = evaluateValue(template, scope);
  if (!inputs.ok || !isJsonObject(inputs.value)) return undefined;
  const found = sumsOf(limits, inputs.value);
  return found.ok ? found.sums : undefined;
}

function add(sum: number, micros: number): number {
  return sum + micros;
}
