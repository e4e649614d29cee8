/** A gate of middle risk goes on by itself when its time is up and no operator has objected. */
import type { ObservedGate } from "./model.ts";
import { askingOf, riskOf } from "./risk.ts";
import type { GateRecord, Policy } from "#runner/schema/types.gen.ts";

/** Whether it settles by itself now. Doubt counts as an objection: a branch that moved or is missing, and a policy that has become stricter. */
export function isUnobjected(
  { record, facts }: ObservedGate,
  policy: Policy | undefined,
  now: string,
): boolean {
  const { vetoUntil } = record;
  if (vetoUntil === undefined || vetoUntil > now || !isVetoInForce(record, policy)) return false;
  return facts.branchHead === record.head && record.problem === undefined;
}

/** The policy of today may want an answer where that of the opening did not: by its thresholds, or by its rules. */
function isVetoInForce({ risk }: GateRecord, policy: Policy | undefined): boolean {
  const today = risk.action === undefined ? 0 : riskOf(risk.action, policy).score;
  const score = Math.max(risk.score, today);
  return askingOf({ ask: "risk", score, isAlwaysAsked: false }, policy) !== "yes";
}

/** Until when an operator may object; null where an answer is waited for. */
export function vetoWait(
  { record, facts }: ObservedGate,
  policy: Policy | undefined,
): string | null {
  const isUntouched = facts.branchHead === record.head && record.problem === undefined;
  return isUntouched && isVetoInForce(record, policy) ? (record.vetoUntil ?? null) : null;
}
