/** A gate that was approved by a merge: what downstream read is what main holds. */
import type { DecidedItem, GateDecision, GateRecord } from "#runner/schema/types.gen.ts";

/** A gate as it was open, with the decision that settled it. */
export interface Approval {
  readonly where: string;
  readonly gate: GateRecord;
  readonly decision: GateDecision;
}

/** What the decision's commit holds; a path that is missing from `blobs` holds nothing. */
export interface ApprovalFacts {
  readonly blobs: ReadonlyMap<string, string>;
  /** `decision:` of the decision record. */
  readonly decision: string;
  /** By path of an item file: the digest of the outputs that stand there. */
  readonly outputs: ReadonlyMap<string, string>;
  /** E-mails of the operators at that commit; null when fettle.yaml was not valid there. */
  readonly operators: readonly string[] | null;
}

/** Sentences; none when the approval holds. */
export function approvalProblems(
  { gate, decision }: Approval,
  facts: ApprovalFacts,
): readonly string[] {
  const { by, files } = decision;
  const isOperator = facts.operators === null || facts.operators.includes(by);
  const differing = Object.entries(files).filter(([path, blob]) => facts.blobs.get(path) !== blob);
  return [
    ...(facts.decision === "approved" ? [] : ["the decision record there does not say approved"]),
    ...(isOperator ? [] : [`${by} was not an operator`]),
    ...differing.map(([path]) => `${path} is not the recorded blob`),
    ...gate.items.flatMap((item) => {
      const { show, key, path } = item;
      const decided = decision.items.find((other) => other.show === show && other.key === key);
      return decided === undefined
        ? [`${path} was not decided`]
        : itemProblems(path, decided, facts);
    }),
  ];
}

function itemProblems(path: string, item: DecidedItem, facts: ApprovalFacts): readonly string[] {
  const blob = facts.blobs.get(path) ?? null;
  if (blob !== item.blob) return [`${path} is not the recorded blob`];
  if (item.decision === "rejected") return [];
  return facts.outputs.get(path) === item.outputs.digest
    ? []
    : [`${path} does not hold what went on as approved`];
}
