/** Gates that a person has answered already: the next tick settles them. */
import type { Hold, Plan } from "#runner/core/action.ts";
import type { GateSettle } from "./gate-action.ts";

/** The planned answers by gate. */
export type Answers = ReadonlyMap<string, GateSettle>;

export function answersIn({ actions }: Pick<Plan, "actions">): Answers {
  return new Map(
    actions.flatMap((action) =>
      action.kind === "gate-settle" && action.gate !== null ? [[action.gate, action]] : [],
    ),
  );
}

/** What stands in the way of a gate's answer until a person mends it. */
export const GATE_TROUBLES: ReadonlySet<Hold["reason"]> = new Set([
  "branch-missing",
  "approval-unproven",
  "needs-fix",
  "changes-requested",
  "stale-approval",
  "conflicting",
]);

/** Why an answer does not count yet, or cannot be given as things stand; undefined when nothing is in its way. */
export function troubleOf(
  { holds }: Pick<Plan, "holds">,
  { run, step }: { readonly run: string; readonly step: string },
): Hold | undefined {
  return holds.find(
    ({ subject, reason }) => subject === `step:${run}/${step}` && GATE_TROUBLES.has(reason),
  );
}

/** "approved by ada@northwind.example: goes on with fettle reconcile". */
export function answerText({ decision, by }: Pick<GateSettle, "decision" | "by">): string {
  return `${decision} by ${by}: goes on with fettle reconcile`;
}
