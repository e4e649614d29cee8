/** The decision of a gate against its event, item by item. */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import { type RuleProblem, wrong } from "./verify-finding.ts";
import type { GateDecision } from "#runner/schema/types.gen.ts";

/** What the event adds to and takes from what operators have refused is what was decided of the items. */
export function decisionProblems(
  { items }: GateDecision,
  event: EventOf<"gate-settled">,
): readonly RuleProblem[] {
  const { refused, pardoned = [] } = event;
  const rejected = items.filter(({ decision }) => decision === "rejected");
  const approved = items.filter(({ decision }) => decision !== "rejected");
  const isApproved = pardoned.every((one) => approved.some(({ digest }) => digest === one));
  const ofItems = refused.slice(0, rejected.length);
  const isRefused =
    canonicalJson(rejected.map(({ digest }) => digest)) === canonicalJson(ofItems) &&
    refused.length - rejected.length <= recordsLeftOut(event);
  return [
    ...(isRefused ? [] : [wrong("its refused items are not those of the event")]),
    ...(isApproved ? [] : [wrong("the event pardons what was not approved")]),
  ];
}

/** Proposed records are no items: those that an operator's answer did not bring to main are refused. */
function recordsLeftOut({ decision, decided = [], owned }: EventOf<"gate-settled">): number {
  const isAnswer = decision === "approved" || decision === "rejected";
  return isAnswer ? decided.filter((path) => !Object.hasOwn(owned, path)).length : 0;
}
