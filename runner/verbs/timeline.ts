/** `fettle timeline`: what happened in a run, in order. */
import { answersIn } from "#runner/core/gate/gate-answer.ts";
import { lateApprovals } from "#runner/loop/late-approvals.ts";
import { renderTimeline } from "#runner/report/run-text.ts";
import { findRun } from "./find-run.ts";
import { looking } from "./looking.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function timelineVerb(context: VerbContext, id: string): Promise<Answer> {
  return looking(context, async (seen) => {
    const found = await findRun(id, seen);
    return found.ok
      ? {
          exit: "ok",
          text: renderTimeline(found.run, context.look, {
            answers: answersIn(seen.plan),
            actions: seen.plan.actions,
            holds: seen.plan.holds,
            late: await lateApprovals(seen),
          }),
          json: found.run,
        }
      : found.refusal;
  });
}
