/** `fettle plan`: what the next tick would do, and what is held. */
import { planExit } from "#runner/core/exit-code.ts";
import { planDigest } from "#runner/core/plan.ts";
import { renderPlan } from "#runner/report/plan-text.ts";
import { looking } from "./looking.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function planVerb(
  context: VerbContext,
  { detailedExitcode }: { readonly detailedExitcode: boolean },
): Promise<Answer> {
  return looking(context, ({ plan }) => ({
    exit: planExit(plan, detailedExitcode),
    text: renderPlan(plan, context.look),
    json: { ...plan, digest: planDigest(plan) },
  }));
}
