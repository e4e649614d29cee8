/** A rewritten main that nobody has accepted may have lost a cap that is in force: it permits nothing that counts against one. */
import type { Hold } from "./action.ts";
import { REWRITTEN_HINT } from "./prune.ts";
import { stepHold, type RunContext } from "./step-plan.ts";

/** The hold of what needs a permission; null where main counts as it is. */
export function unacceptedHold(context: RunContext, step: string): Hold | null {
  if (context.observed.descends) return null;
  const why = "main was rewritten: what it says of caps counts once it is accepted";
  return stepHold(context, step, { reason: "rewritten-history", why, unblock: REWRITTEN_HINT });
}
