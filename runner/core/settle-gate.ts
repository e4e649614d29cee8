/** What the decision of a gate means for what comes after it. */
import { referencedSteps } from "./evaluate.ts";
import type { GateSettle } from "./gate-action.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { OpenRun } from "./model.ts";
import { isGateStep, stepNamed } from "./step-graph.ts";
import type { Inventory, PendingDelivery } from "#runner/schema/types.gen.ts";

/** Nothing of what was proposed goes on. */
export function isLost(decision: GateSettle["decision"]): boolean {
  switch (decision) {
    case "rejected":
    case "expired":
    case "superseded":
    case "withdrawn":
      return true;
    case "approved":
    case "skipped":
    case "not-asked":
      return false;
  }
}

interface Circumstances {
  readonly at: string;
  readonly run: OpenRun;
  /** What operators have refused until now. */
  readonly refused: Inventory["refused"];
}

export function settledEvent(action: GateSettle, { at, run, refused }: Circumstances): LedgerEvent {
  const { project, step, gate, decision, by, via, reason } = action;
  const pardoned = action.items
    .filter((item) => decision === "approved" && item.decision !== "rejected")
    .flatMap(({ digest }) => (Object.hasOwn(refused, digest) ? [digest] : []));
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
    ...(pardoned.length === 0 ? {} : { pardoned }),
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
