/** The plan of this moment, with every fact that it asks for looked up. */
import type { Plan } from "#runner/core/action.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { plan } from "#runner/core/plan.ts";
import { lookUp } from "./observe.ts";
import type { StateFiles } from "./state-files.ts";

interface PlanInput {
  readonly workspace: Workspace;
  readonly observed: Observed;
}

export async function completePlan(
  files: StateFiles,
  { workspace, observed }: PlanInput,
  now: string,
): Promise<PlanInput & { readonly plan: Plan }> {
  let known = observed;
  for (;;) {
    const made = plan(workspace, known, now);
    if (made.wants.length === 0) return { workspace, observed: known, plan: made };
    known = await lookUp(files, { workspace, observed: known }, made.wants);
  }
}
