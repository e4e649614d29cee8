/** The decision of a gate against its event, item by item. */
import { canonicalJson } from "./canonical-json.ts";
import type { EventOf } from "./ledger-event.ts";
import type { RuleProblem } from "./verify-receipt.ts";
import type { GateDecision } from "#runner/schema/types.gen.ts";

/** What the event adds to and takes from what operators have refused is what was decided of the items. */
export function decisionProblems(
  { items }: GateDecision,
  { refused, pardoned = [] }: EventOf<"gate-settled">,
): readonly RuleProblem[] {
  const rejected = items.filter(({ decision }) => decision === "rejected");
  const approved = items.filter(({ decision }) => decision !== "rejected");
  const isApproved = pardoned.every((one) => approved.some(({ digest }) => digest === one));
  const isRefused = canonicalJson(rejected.map(({ digest }) => digest)) === canonicalJson(refused);
  return [
    ...(isRefused ? [] : [wrong("its refused items are not those of the event")]),
    ...(isApproved ? [] : [wrong("the event pardons what was not approved")]),
  ];
}

function wrong(message: string): RuleProblem {
  return { rule: "record", message };
}
