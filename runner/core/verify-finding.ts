/** What `fettle verify` finds, and what follows from it. */

/**
 * `not-here`: this clone is shallow or partial, so that it cannot be told. Every other rule was broken.
 */
export type VerifyRule =
  | "approval"
  | "chain"
  | "delivery"
  | "effect-twice"
  | "effect-unintended"
  | "event"
  | "format"
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

export type Verdict = "verified" | "incomplete" | "broken";

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ rule }) => rule !== "not-here")) return "broken";
  return findings.length > 0 ? "incomplete" : "verified";
}
