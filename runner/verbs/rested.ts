/** `fettle reconcile` when nothing has changed since the last tick. */
import type { RestedTick } from "#runner/loop/no-op.ts";
import type { Look } from "#runner/report/look.ts";
import { renderRested } from "#runner/report/rested-text.ts";
import type { Answer } from "./verb.ts";

export function restedAnswer({ plan, holds }: RestedTick, look: Look, detailed: boolean): Answer {
  const { nextWake } = plan;
  const isWaiting = holds.some(({ reason }) => reason === "awaiting-approval");
  return {
    exit: detailed && isWaiting ? "waiting" : "ok",
    text: renderRested({ holds, nextWake }, look),
    json: { kind: "summary", end: { kind: "settled" }, booked: 0, holds, nextWake },
  };
}
