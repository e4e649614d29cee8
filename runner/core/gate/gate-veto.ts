/** A gate of middle risk goes on by itself when its time is up and no operator has objected. */
import { durationMs } from "#runner/core/time/duration.ts";
import { addMs, latest, msBetween } from "#runner/core/time/instant.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import { askingOf, riskOf } from "./risk.ts";
import type { GateRecord, Policy } from "#runner/schema/types.gen.ts";

/** What the end of the time to object follows from, besides the gate. */
export interface VetoTerms {
  readonly policy: Policy | undefined;
  /** When an operator who has put it off wants to see it again; null: nobody has. */
  readonly putOff: string | null;
}

/** Since when it may go on by itself; null where it does not by now. Doubt counts as an objection: a branch that moved or is missing, a word that is no answer, and a policy that has become stricter. */
export function unobjectedSince(gate: ObservedGate, terms: VetoTerms, now: string): string | null {
  const end = vetoWait(gate, terms);
  return end !== null && end <= now ? end : null;
}

/** The policy of today may want an answer where that of the opening did not: by its thresholds, or by its rules. */
function isVetoInForce(record: GateRecord, policy: Policy | undefined): boolean {
  const score = riskToday(record, policy);
  return askingOf({ ask: "risk", score, isAlwaysAsked: false }, policy) !== "yes";
}

/** The risk that it was shown with, or what today's rules make of it where that is more. */
export function riskToday({ risk }: GateRecord, policy: Policy | undefined): number {
  const today = risk.action === undefined ? 0 : riskOf(risk.action, policy).score;
  return Math.max(risk.score, today);
}

/** Until when an operator may object; null where an answer is waited for. */
export function vetoWait({ record, facts }: ObservedGate, terms: VetoTerms): string | null {
  const isUntouched = facts.branchHead === record.head && record.problem === undefined;
  const isHeard = isUntouched && facts.remarkedBy === null;
  return isHeard && isVetoInForce(record, terms.policy) ? vetoEnd(record, terms) : null;
}

type Vetoed = Pick<GateRecord, "openedAt" | "vetoUntil">;

/** When the time to object ends: as it was told, or as the policy says today where that is later; once more as long where it was put off. null: an answer is waited for. */
export function vetoEnd(
  { openedAt, vetoUntil }: Vetoed,
  { policy, putOff }: VetoTerms,
): string | null {
  if (vetoUntil === undefined) return null;
  const today = policy?.veto === undefined ? 0 : durationMs(policy.veto);
  const lengthMs = Math.max(msBetween(openedAt, vetoUntil), today);
  return addMs(latest([openedAt, putOff]) ?? openedAt, lengthMs);
}
