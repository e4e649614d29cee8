/** Gates that a person has answered already: the next tick settles them. */
import type { GateSettle, Plan } from "./action.ts";

/** The planned answers by gate. */
export type Answers = ReadonlyMap<string, GateSettle>;

export function answersIn({ actions }: Pick<Plan, "actions">): Answers {
  return new Map(
    actions.flatMap((action) =>
      action.kind === "gate-settle" && action.gate !== null ? [[action.gate, action]] : [],
    ),
  );
}

/** "approved by ada@northwind.example: goes on with fettle reconcile". */
export function answerText({ decision, by }: Pick<GateSettle, "decision" | "by">): string {
  return `${decision} by ${by}: goes on with fettle reconcile`;
}
