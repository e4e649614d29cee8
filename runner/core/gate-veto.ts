/** A gate of middle risk goes on by itself when its time is up and no operator has objected. */
import { durationMs } from "./duration.ts";
import { addMs, latest } from "./instant.ts";
import type { ObservedGate } from "./model.ts";
import { askingOf, riskOf } from "./risk.ts";
import type { GateRecord, Policy } from "#runner/schema/types.gen.ts";

/** Since when it may go on by itself; null where it does not by now. Doubt counts as an objection: a branch that moved or is missing, a word that is no answer, and a policy that has become stricter. */
export function unobjectedSince(
  gate: ObservedGate,
  policy: Policy | undefined,
  now: string,
): string | null {
  const end = vetoWait(gate, policy);
  return end !== null && end <= now ? end : null;
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
  const isHeard = isUntouched && facts.remarkedBy === null;
  return isHeard && isVetoInForce(record, policy) ? vetoEnd(record, policy) : null;
}

type Vetoed = Pick<GateRecord, "openedAt" | "vetoUntil">;

/** When the time to object ends: as it was told, or as the policy says today where that is later. null: an answer is waited for. */
export function vetoEnd(
  { openedAt, vetoUntil }: Vetoed,
  policy: Policy | undefined,
): string | null {
  if (vetoUntil === undefined) return null;
  const today = policy?.veto === undefined ? null : addMs(openedAt, durationMs(policy.veto));
  return latest([vetoUntil, today]);
}
