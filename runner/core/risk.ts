/** Risk of an action, 0 to 100, with its factors. */
import { evaluateCondition } from "./evaluate.ts";
import type { Effects, Policy, Risk, RiskFactor } from "#runner/schema/types.gen.ts";

const BASE: Readonly<Record<Effects, number>> = { none: 0, repository: 10, external: 40 };

export interface ActionFacts {
  readonly effects: Effects;
  readonly project: string;
  readonly pipeline: string;
  readonly agent: string;
  readonly step: string;
  readonly items: number;
  readonly spendMicros: number;
  readonly taint: readonly string[];
  /** The agent's own `risk`. */
  readonly declared: number;
}

/** Base by effects, raised by the agent's own risk and the policy's rules; a rule that cannot be evaluated counts in full. */
export function riskOf(facts: ActionFacts, policy: Policy | undefined): Risk {
  const { declared, ...action } = facts;
  const factors: RiskFactor[] = [{ points: BASE[facts.effects], why: `effects: ${facts.effects}` }];
  if (declared > BASE[facts.effects]) {
    const points = declared - BASE[facts.effects];
    factors.push({ points, why: `agent ${facts.agent} declares risk ${declared}` });
  }
  for (const rule of policy?.rules ?? []) {
    const holds = evaluateCondition(rule.when, { action });
    if (!holds.ok)
      factors.push({
        points: 100,
        why: `rule "${rule.when}" cannot be evaluated: ${holds.reason}`,
      });
    else if (holds.value) factors.push({ points: rule.add, why: rule.when });
  }
  const sum = factors.reduce((total, factor) => total + factor.points, 0);
  return { score: Math.max(0, Math.min(100, sum)), factors };
}

/** Below `autoBelow` it is done, from `gateFrom` on a person is asked. */
export function thresholdsOf(
  policy: Policy | undefined,
): Readonly<Record<"autoBelow" | "gateFrom", number>> {
  return { autoBelow: policy?.autoBelow ?? 25, gateFrom: policy?.gateFrom ?? 60 };
}

/** Whether a person is asked; `never` holds only below `gateFrom`. Between the two a person is asked as well, until briefings exist. */
export function mustAsk(
  ask: "risk" | "always" | "never",
  score: number,
  policy: Policy | undefined,
): boolean {
  switch (ask) {
    case "always":
      return true;
    case "never":
      return score >= thresholdsOf(policy).gateFrom;
    case "risk":
      return score >= thresholdsOf(policy).autoBelow;
  }
}
