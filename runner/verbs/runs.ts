/** `fettle runs`: the newest runs. */
import { heldRuns } from "#runner/core/held-run.ts";
import { latestRuns } from "#runner/loop/run-index.ts";
import { renderRuns } from "#runner/report/run-text.ts";
import { looking } from "./looking.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function runsVerb(
  context: VerbContext,
  filter: { readonly project: string | null; readonly limit: number },
): Promise<Answer> {
  return looking(context, async (seen) => {
    const { project, limit } = filter;
    const isMeant = (record: { readonly project: string }): boolean =>
      project === null || record.project === project;
    const runs = await latestRuns(seen, isMeant, limit);
    // One that is gone from main may still have runs.
    if (project !== null && runs.length === 0 && !isKnown(seen, project))
      return refused("usage", `there is no project ${project}`, "fettle status   lists them");
    return {
      exit: "ok",
      text: renderRuns(runs, context.look, heldRuns(seen.plan)),
      json: runs,
    };
  });
}

function isKnown({ workspace, observed }: Sight, project: string): boolean {
  const { projects, invalid } = workspace;
  return projects.has(project) || invalid.has(project) || observed.summaries.projects.has(project);
}
