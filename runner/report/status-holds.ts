/** What is held, as far as no other part of the status tells it. */
import { holdLines } from "./hold-text.ts";
import { toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import type { Hold, Plan } from "#runner/core/action.ts";
import type { HoldReason } from "#runner/core/hold-reason.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";

interface Holding {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly plan: Plan;
}

/** What waits for a person without a gate of its own, such as undoing what was done. */
export function needsWordLines({ observed, plan }: Holding, look: Look): Line[] {
  const holds = plan.holds.filter((hold) => needsWord(hold, observed));
  if (holds.length === 0) return [];
  return [[toned("warn", `NEEDS YOUR WORD (${holds.length})`)], ...holdLines(holds, look)];
}

function needsWord({ reason, subject }: Hold, observed: Observed): boolean {
  return reason === "awaiting-approval" && !isShownGate(subject, observed);
}

const toldAtGate: ReadonlySet<HoldReason> = new Set([
  "awaiting-approval",
  "branch-missing",
  "approval-unproven",
  "needs-fix",
  "changes-requested",
  "snoozed",
  "stale-approval",
  "conflicting",
]);

/** What is told above at its gate, or below at its project, is not told twice. */
export function heldLines({ workspace, observed, plan }: Holding, look: Look): Line[] {
  const stalled = stalledProjects(workspace, observed);
  const holds = plan.holds.filter((hold) => {
    const { reason, subject, project } = hold;
    if (needsWord(hold, observed)) return false;
    if (toldAtGate.has(reason) && isShownGate(subject, observed)) return false;
    return !(reason === "invalid" && project !== null && stalled.has(project));
  });
  return holds.length === 0 ? [] : [[toned("strong", "HELD")], ...holdLines(holds, look)];
}

function isShownGate(subject: string, observed: Observed): boolean {
  const gates = [...observed.gates.values()].map((gate) => gate.record);
  return gates.some(
    (gate) => subject === `gate:${gate.id}` || subject === `step:${gate.run}/${gate.step}`,
  );
}

/** Why the newest version is not in force, by project. */
export function stalledProjects(
  workspace: Workspace,
  observed: Observed,
): ReadonlyMap<string, string> {
  const recorded = [...observed.summaries.projects.values()].flatMap(({ project, stalled }) =>
    stalled === undefined ? [] : [[project, stalled.reason] as const],
  );
  return new Map([...recorded, ...workspace.invalid]);
}
