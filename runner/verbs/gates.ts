/** `fettle gates`: what is open, what is queued, in which order and why. */
import { reviewsLeft } from "#runner/core/gate-admission.ts";
import { renderGates } from "#runner/report/gates-text.ts";
import { looking } from "./looking.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function gatesVerb(context: VerbContext): Promise<Answer> {
  return looking(context, ({ workspace, observed, plan }) => {
    const open = [...observed.gates.values()].map(({ record }) => record);
    const { attention } = workspace.settings;
    const facts = { workspace, observed, now: context.look.now };
    const left = attention === undefined ? null : reviewsLeft(facts, attention);
    const { queue } = plan;
    return {
      exit: "ok",
      text: renderGates({ open, queue, left }, context.look),
      json: { left, open, queue },
    };
  });
}
