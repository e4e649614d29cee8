/** What the decision of a gate means for what comes after it. */
import { makersAt } from "./approval-history.ts";
import { referencedSteps } from "#runner/core/expression/evaluate.ts";
import type { GateSettle } from "./gate-action.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import type { OpenRun } from "#runner/core/model.ts";
import type { decidedRecords } from "#runner/core/memory/memory-review.ts";
import { pendingFile } from "#runner/core/settle-step.ts";
import { isGateStep, stepNamed } from "#runner/core/step-graph.ts";
import type { Inventory, PendingDelivery } from "#runner/schema/types.gen.ts";

/** Nothing of what was proposed goes on. */
export function isLost(decision: GateSettle["decision"]): boolean {
  switch (decision) {
    case "rejected":
    case "expired":
    case "withdrawn":
    case "changes-requested":
    case "superseded":
      return true;
    case "approved":
    case "skipped":
    case "not-asked":
    case "not-objected":
    case "answered":
    case "defaulted":
      return false;
  }
}

/** An operator has said yes, or has answered what was asked. */
export function isAssent(decision: GateSettle["decision"]): boolean {
  return decision === "approved" || decision === "answered";
}

interface Circumstances {
  readonly at: string;
  readonly run: OpenRun;
  /** What operators have refused until now. */
  readonly refused: Inventory["refused"];
  /** Of a gate of proposed records. */
  readonly records?: ReturnType<typeof decidedRecords>;
}

export function settledEvent(
  action: GateSettle,
  { at, run, refused, records }: Circumstances,
): LedgerEvent {
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
    refused: [
      ...action.items.filter((item) => item.decision === "rejected").map(({ digest }) => digest),
      ...(records?.refused ?? []),
    ],
    ...(records === undefined ? {} : { decided: records.paths }),
    ...(pardoned.length === 0 ? {} : { pardoned }),
    pending: goesOnByItself(decision) ? shownFiles(run, step) : [],
    ...reviewOf(action, run),
    owned: action.files,
  };
}

function goesOnByItself(decision: GateSettle["decision"]): boolean {
  return decision === "not-asked" || decision === "not-objected";
}

/** Changes that are asked for count as a rejection of the work as it was. */
const REVIEWED: ReadonlySet<GateSettle["decision"]> = new Set([
  "approved",
  "rejected",
  "changes-requested",
]);

/** What an operator decides is remembered: of the gate, and of the versions whose work it was. */
function reviewOf(
  { decision, gate, step }: GateSettle,
  run: OpenRun,
): Pick<EventOf<"gate-settled">, "review"> {
  if (gate === null || !REVIEWED.has(decision)) return {};
  const asking = stepNamed(run.pipeline, step);
  // A higher cap says nothing of whose work it pays for.
  if (asking === undefined || !isGateStep(asking)) return {};
  return { review: { pipeline: run.record.pipeline, makers: makersAt(run, step) } };
}

/** Files that nobody had to answer for go to main like any other. */
function shownFiles(run: OpenRun, step: string): PendingDelivery[] {
  const gate = stepNamed(run.pipeline, step);
  if (gate === undefined || !isGateStep(gate)) return [];
  const shown = new Set(referencedSteps(gate.show));
  return run.attempts
    .filter((attempt) => shown.has(attempt.step) && attempt.outcome === "succeeded")
    .flatMap((attempt) =>
      attempt.deliverables.map((file) =>
        pendingFile(file, { run: attempt.run, step: attempt.step, memory: false }),
      ),
    );
}
