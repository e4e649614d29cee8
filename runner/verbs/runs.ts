/** `fettle runs`: the newest runs. */
import { heldRuns } from "#runner/core/held-run.ts";
import { latestRuns } from "#runner/loop/run-index.ts";
import { renderRuns } from "#runner/report/run-text.ts";
import { looking } from "./looking.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function runsVerb(
  context: VerbContext,
  filter: { readonly project: string | null; readonly limit: number },
): Promise<Answer> {
  return looking(context, async (seen) => {
    const { project, limit } = filter;
    const isMeant = (record: { readonly project: string }): boolean =>
      project === null || record.project === project;
    const runs = await latestRuns(seen, isMeant, limit);
    return {
      exit: "ok",
      text: renderRuns(runs, context.look, heldRuns(seen.plan)),
      json: runs,
    };
  });
}
