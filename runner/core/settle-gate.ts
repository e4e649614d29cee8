/** What the decision of a gate means for what comes after it. */
import { referencedSteps } from "./evaluate.ts";
import type { GateSettle } from "./action.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { OpenRun } from "./model.ts";
import { isGateStep, stepNamed } from "./step-graph.ts";
import type { PendingDelivery } from "#runner/schema/types.gen.ts";

export function settledEvent(
  action: GateSettle,
  { at, run }: { readonly at: string; readonly run: OpenRun },
): LedgerEvent {
  const { project, step, gate, decision, by, via, reason } = action;
  return {
    kind: "gate-settled",
    at,
    project,
    run: action.run,
    step,
    gate,
    decision,
    by,
    via,
    reason,
    refused: action.items
      .filter((item) => item.decision === "rejected")
      .map(({ digest }) => digest),
    pending: decision === "not-asked" ? shownFiles(run, step) : [],
    owned: action.files,
  };
}

/** Files that nobody had to be asked about go to main like any other. */
function shownFiles(run: OpenRun, step: string): PendingDelivery[] {
  const gate = stepNamed(run.pipeline, step);
  if (gate === undefined || !isGateStep(gate)) return [];
  const shown = new Set(referencedSteps(gate.show));
  return run.attempts
    .filter((attempt) => shown.has(attempt.step) && attempt.outcome === "succeeded")
    .flatMap((attempt) =>
      attempt.deliverables.map((file) => ({
        ...file,
        run: attempt.run,
        step: attempt.step,
        memory: false,
      })),
    );
}
