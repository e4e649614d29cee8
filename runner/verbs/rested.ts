/** `fettle reconcile` when nothing has changed since the last tick. */
import { tickExit } from "#runner/core/exit-code.ts";
import type { RestedTick } from "#runner/loop/no-op.ts";
import type { Look } from "#runner/report/look.ts";
import { renderRested } from "#runner/report/rested-text.ts";
import type { Answer } from "./verb.ts";

export function restedAnswer(tick: RestedTick, look: Look, detailed: boolean): Answer {
  const { plan, holds, violations } = tick;
  const { nextWake } = plan;
  const isInvalid = violations.some(({ severity }) => severity === "error");
  const facts = {
    end: "settled",
    isInvalid,
    hasFailed: false,
    lacksKey: false,
    booked: 0,
    holds,
  } as const;
  return {
    exit: tickExit(facts, detailed),
    text: renderRested({ holds, nextWake }, look),
    json: { kind: "summary", end: { kind: "settled" }, booked: 0, holds, nextWake },
  };
}
