/** Results that came too late: others had gone on, or ended the run, before these became known. They are told, and not kept. */
import type { Dropped } from "#runner/protocol/rebase.ts";
import type { Engine } from "./engine.ts";

export function tellOvertaken(
  { onProgress, clock }: Pick<Engine, "onProgress" | "clock">,
  dropped: readonly Dropped[],
): void {
  for (const { event, why } of dropped) {
    if (event.kind !== "step-finished" || why !== "recorded-already") continue;
    const { project, run, step, item, outcome } = event;
    onProgress({ kind: "result-overtaken", at: clock(), project, run, step, item, outcome });
  }
}
