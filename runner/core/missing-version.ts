/** An open run whose pinned version is not in this clone: nothing of it can go on here. */
import { begunAttempts } from "./begun-effect.ts";
import { cancelled } from "./cancel.ts";
import { acting, held, type RunContext, type StepPlan } from "./step-plan.ts";

/** What it has begun can be asked about only with the version at hand; without such an effect it can be called off. */
export function planWithoutVersion(
  context: RunContext,
  commit: string,
  why: string | null,
): StepPlan {
  const isBegun = begunAttempts(context.run).some(({ effect }) => effect !== undefined);
  if (why !== null && !isBegun) return acting(cancelled(context, why));
  const { id, project } = context.run.record;
  const bring = `git fetch origin ${commit}   brings it, where it still is`;
  const end = `fettle cancel ${id}   calls it off; then fettle retry ${id} --upgrade`;
  return held({
    project,
    subject: `run:${id}`,
    reason: "payload-missing",
    why: `commit ${commit}, which it is pinned to, is not in this clone`,
    unblock: isBegun ? bring : `${bring}; ${end}`,
    until: null,
  });
}
