/** `memory.consolidates` of an agent: what it says must have a place, and nothing else may be asked of it. */
import { type Found, pointer } from "./check-finding.ts";
import { entryOf } from "#runner/core/entry.ts";
import type { Agent } from "#runner/schema/types.gen.ts";

const OTHERS = ["recall", "subject", "namespaces", "writes"] as const;

export function checkConsolidates({ memory, outputs }: Agent): readonly Found[] {
  if (memory?.consolidates !== true) return [];
  const mixed = OTHERS.filter((key) => memory[key] !== undefined).map((key): Found => {
    const message = `an agent that consolidates has no ${key}: it is given records that say nearly the same, and writes what takes their place`;
    return { code: "agent/consolidates", pointer: pointer("memory", key), part: "key", message };
  });
  return [...mixed, ...checkOutputs(outputs)];
}

function checkOutputs({ properties, required }: Agent["outputs"]): readonly Found[] {
  const at = { code: "agent/consolidates", pointer: "/outputs" };
  const fields = typeof properties === "object" && properties !== null ? { ...properties } : {};
  if (entryOf(fields, "merged") === undefined) {
    const message = "an agent that consolidates gives merged, and its outputs have no such field";
    const hint =
      "merged: { type: array, items: { type: object, required: [supersedes, text], properties: { supersedes: { type: array, items: { type: string } }, text: { type: string } } } }";
    return [{ ...at, message, hint }];
  }
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const others = needed.filter((name) => name !== "merged");
  if (others.length === 0) return [];
  const message = `where no records say nearly the same, there is nothing to give: outputs may require merged alone, not ${others.join(", ")}`;
  return [{ ...at, message, hint: "leave the others out of required" }];
}
