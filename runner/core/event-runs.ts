import type { LedgerEvent } from "./ledger-event.ts";

/** Runs on which it depends whether an event still counts: its own, and the one that waits for that. */
export function runsOf(event: LedgerEvent): readonly string[] {
  if (!("run" in event)) return [];
  const isChild = event.kind === "run-started" && event.trigger.kind === "pipeline";
  return isChild ? [event.run, event.trigger.run] : [event.run];
}
