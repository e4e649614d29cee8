/** What `fettle verify` finds, and what follows from it. */

/**
 * `not-here`: this clone is shallow or partial, so that it cannot be told; `newer-format`: this program is too old to
 * tell. Every other rule was broken.
 */
export type VerifyRule =
  | "approval"
  | "chain"
  | "compaction"
  | "delivery"
  | "effect-twice"
  | "effect-unintended"
  | "event"
  | "format"
  | "newer-format"
  | "not-here"
  | "object"
  | "payload"
  | "record"
  | "record-schema"
  | "spend"
  | "summary"
  | "unnamed-change";

export interface Finding {
  readonly rule: VerifyRule;
  /** `<commit>:<path>`, or what else it is about. */
  readonly where: string;
  readonly message: string;
}

/** What is wrong with the thing that is looked at. */
export type RuleProblem = Omit<Finding, "where">;

/** A record is not what its events say. */
export function wrong(message: string): RuleProblem {
  return { rule: "record", message };
}

const UNTOLD: readonly VerifyRule[] = ["newer-format", "not-here"];

export type Verdict = "verified" | "incomplete" | "broken";

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ rule }) => !UNTOLD.includes(rule))) return "broken";
  return findings.length > 0 ? "incomplete" : "verified";
}
