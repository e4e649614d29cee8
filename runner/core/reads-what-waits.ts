/** Whether steps must wait for results that are planned with and not yet durable. */
import type { StepStart } from "./action.ts";
import type { Transaction } from "./ledger-event.ts";
import type { Observed } from "./model.ts";

/** Files and history are read from git: what a step may see of them must stand there first. */
export function readsWhatWaits(
  { runs }: Pick<Observed, "runs">,
  chosen: readonly StepStart[],
  waiting: readonly Transaction[],
): boolean {
  const hasFiles = waiting.some(
    ({ event }) =>
      (event.kind === "step-finished" && event.pending.length > 0) ||
      (event.kind === "run-finished" && event.pending !== undefined),
  );
  const asksHistory = chosen.some(({ run, agent }) => {
    const history = runs.get(run)?.agents.get(agent)?.manifest.history;
    return history !== undefined && history.length > 0;
  });
  return waiting.length > 0 && (hasFiles || asksHistory);
}
