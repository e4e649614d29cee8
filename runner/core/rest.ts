/** Projects that need no look until something that their plan depends on changes, or their time comes. */
import { earliest } from "#runner/core/time/instant.ts";
import type { Hold, Plan } from "./action.ts";
import type { Observed, Workspace } from "./model.ts";
import { planProject } from "./project-plan.ts";
import type { LiveProject } from "#runner/schema/types.gen.ts";

/** Names of the projects that contribute nothing to the plan, with the instant at which that may change. */
export function restingProjects(
  workspace: Workspace,
  observed: Observed,
  now: string,
): ReadonlyMap<string, string | null> {
  const resting = new Map<string, string | null>();
  for (const [name, version] of workspace.projects) {
    const live = observed.summaries.projects.get(name);
    // An old name can be claimed twice, and another project's state moves with it.
    if (version.manifest.previousNames !== undefined) continue;
    if (live === undefined || workspace.invalid.has(name) || isBusy(live)) continue;
    const part = planProject({ workspace, version, live, observed, now });
    if (part.actions.length + part.holds.length + part.wants.length > 0) continue;
    resting.set(name, earliest(part.wakes.filter((wake) => wake !== null && wake > now)));
  }
  return resting;
}

function isBusy({ openRuns, openGates, pending }: LiveProject): boolean {
  return openRuns.length + openGates.length + pending.length > 0;
}

/** Whether nothing is left to do until a ref moves or `nextWake` comes; `holds` are all that the tick ended with. */
export function isAtRest(plan: Plan, observed: Observed, holds: readonly Hold[]): boolean {
  // A gate whose branch is missing is decided by the next tick, whenever that is.
  const isGateAbsent = [...observed.gates.values()].some(
    ({ record }) => record.absentSince !== null,
  );
  return (
    plan.actions.length === 0 &&
    holds.length === plan.holds.length &&
    // A queued run that `catchUp: skip` drops after a while does not say when.
    !holds.some(({ reason }) => reason === "concurrency") &&
    !isGateAbsent
  );
}
