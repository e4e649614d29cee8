/** `fettle reconcile` when nothing has changed since the last tick. */
import type { ExitName } from "#runner/core/exit-code.ts";
import type { RestedTick } from "#runner/loop/no-op.ts";
import type { Look } from "#runner/report/look.ts";
import { renderRested } from "#runner/report/rested-text.ts";
import type { Answer } from "./verb.ts";

export function restedAnswer(tick: RestedTick, look: Look, detailed: boolean): Answer {
  const { plan, holds } = tick;
  const { nextWake } = plan;
  return {
    exit: exitOf(tick, detailed),
    text: renderRested({ holds, nextWake }, look),
    json: { kind: "summary", end: { kind: "settled" }, booked: 0, holds, nextWake },
  };
}

function exitOf({ holds, violations }: RestedTick, detailed: boolean): ExitName {
  if (violations.some(({ severity }) => severity === "error")) return "invalid";
  const isWaiting = holds.some(({ reason }) => reason === "awaiting-approval");
  return detailed && isWaiting ? "waiting" : "ok";
}
