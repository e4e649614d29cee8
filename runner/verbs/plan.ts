/** `fettle plan`: what the next tick would do, and what is held. */
import { capWarnings } from "#runner/core/money/cap-warning.ts";
import { nextRunWarnings } from "#runner/core/next-run.ts";
import { planExit } from "#runner/core/exit-code.ts";
import { planDigest } from "#runner/core/plan.ts";
import { renderPlan } from "#runner/report/plan-text.ts";
import { renderMinutes } from "#runner/report/minutes-text.ts";
import { looking } from "./looking.ts";
import { minutesOf } from "./minutes.ts";
import { tellUncounted } from "./uncommitted.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function planVerb(
  context: VerbContext,
  { detailedExitcode }: { readonly detailedExitcode: boolean },
): Promise<Answer> {
  return looking(context, async ({ plan, workspace, observed }, { repository }) => {
    await tellUncounted(context, repository);
    const facts = { workspace, observed, now: context.clock() };
    const caps = [...capWarnings(facts), ...nextRunWarnings(facts)];
    const minutes = minutesOf(facts);
    return {
      exit: planExit(plan, detailedExitcode),
      text: `${renderPlan(plan, context.look, caps)}${renderMinutes(minutes, context.look)}`,
      json: { ...plan, caps, minutes: minutes?.standing ?? null, digest: planDigest(plan) },
    };
  });
}
