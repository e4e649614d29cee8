/** The grant of an attempt that is about to begin. */
import type { StepStart } from "#runner/core/action.ts";
import { isCounted } from "./grant-plan.ts";
import type { Observed } from "#runner/core/model.ts";

/** The start with the name of its grant, which is the newest of its unit: nothing was granted since it was published. */
export function withOwnGrant(
  { summaries }: Pick<Observed, "summaries">,
  start: StepStart,
): StepStart {
  if (start.grant === undefined || !isCounted(start.grant)) return start;
  const own = summaries.workspace.money?.grants.findLast(
    ({ run, step, item }) => run === start.run && step === start.step && item === start.item,
  );
  return own === undefined ? start : { ...start, grantName: own.grant };
}
