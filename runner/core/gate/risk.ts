/** Risk of an action, 0 to 100, with its factors, and what follows from it. */
import { evaluateCondition } from "#runner/core/expression/evaluate.ts";
import type {
  Effects,
  GateStep,
  JudgedAction,
  Policy,
  Risk,
  RiskFactor,
} from "#runner/schema/types.gen.ts";

const BASE: Readonly<Record<Effects, number>> = { none: 0, repository: 10, external: 40 };
const MOST = 100;

/** What rules of the policy see as `action`; what is not known is absent, and a rule that asks for it counts in full. */
export interface ActionFacts extends Readonly<Omit<JudgedAction, Lists>> {
  readonly paths: readonly string[];
  readonly taint: readonly string[];
  readonly novelty: readonly string[];
}

type Lists = "paths" | "taint" | "novelty";

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
        points: MOST,
        why: `rule "${rule.when}" cannot be evaluated: ${holds.reason}`,
      });
    else if (holds.value) factors.push({ points: rule.add, why: rule.when });
  }
  const sum = factors.reduce((total, factor) => total + factor.points, 0);
  return { score: Math.max(0, Math.min(MOST, sum)), factors, action: recorded(facts) };
}

function recorded({ paths, taint, novelty, ...facts }: ActionFacts): JudgedAction {
  return { ...facts, paths: [...paths], taint: [...taint], novelty: [...novelty] };
}

type Thresholds = Pick<Policy, "autoBelow" | "gateFrom">;

/** Below `autoBelow` it is done, from `gateFrom` on a person is asked. */
export function thresholdsOf(
  policy: Thresholds | undefined,
): Readonly<Record<"autoBelow" | "gateFrom", number>> {
  return { autoBelow: policy?.autoBelow ?? 25, gateFrom: policy?.gateFrom ?? 60 };
}

export interface Question {
  readonly ask: NonNullable<GateStep["ask"]>;
  readonly score: number;
  /** Some of what is shown may never go on without a person. */
  readonly isAlwaysAsked: boolean;
}

/** `unless`: it goes on by itself after `veto`, unless an operator objects. */
export type Asking = "no" | "unless" | "yes";

/** Whether a person is asked; `never` holds only below `gateFrom`. Between the two a person is asked where no `veto` is declared. */
export function askingOf(question: Question, policy: Policy | undefined): Asking {
  const { ask, score, isAlwaysAsked } = question;
  const { autoBelow, gateFrom } = thresholdsOf(policy);
  if (isAlwaysAsked || ask === "always" || score >= gateFrom) return "yes";
  if (ask === "never" || score < autoBelow) return "no";
  return policy?.veto === undefined ? "yes" : "unless";
}
