/** Caps on model money that no run could stay under, or that stand twice. */
import { type Found, pointer } from "./check-finding.ts";
import type { Agent, Budget } from "#runner/schema/types.gen.ts";

/** `agents` may all run under the caps; one attempt of the dearest must fit. */
export function checkBudget(
  budget: readonly Budget[] | undefined,
  agents: readonly Agent[],
): readonly Found[] {
  const dearest = Math.max(0, ...agents.map(({ limits }) => limits.usd));
  return (budget ?? []).flatMap((cap, index): readonly Found[] => {
    const first = (budget ?? []).findIndex(({ per }) => per === cap.per);
    if (first !== index) {
      const message = `there are two caps per ${cap.per}`;
      return [{ code: "budget/twice", pointer: pointer("budget", index, "per"), message }];
    }
    if (cap.usd >= dearest) return [];
    const message = `${cap.usd} USD per ${cap.per} cannot pay one attempt that may cost ${dearest} USD`;
    const hint = `raise it to at least ${dearest}, or lower limits.usd of the agent`;
    return [
      {
        code: "budget/unreachable",
        severity: "warning",
        pointer: pointer("budget", index, "usd"),
        message,
        hint,
      },
    ];
  });
}
