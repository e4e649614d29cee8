/** An approval that is taken back on main after the run has gone on with it: nothing more of it begins. */
import type { Hold } from "#runner/core/action.ts";
import { parentOf } from "#runner/core/child-run.ts";
import type { Observed, OpenRun } from "#runner/core/model.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { isGateStep, stepNamed } from "#runner/core/step-graph.ts";
import type { GateDecision, RunRecord } from "#runner/schema/types.gen.ts";

export interface TakenBack {
  /** Of the gate. */
  readonly title: string;
  /** The commit that took it away; null where the history does not tell. */
  readonly commit: string | null;
  /** E-mail of who did; null where that cannot be told. */
  readonly by: string | null;
  /** By an operator: then it counts. */
  readonly isProven: boolean;
}

/** An approval that the run goes on with, and the commit of main that held its record then. */
export interface Standing {
  readonly gate: string;
  readonly title: string;
  readonly commit: string;
}

/** What must stand on main for the run to go on; an approval of an earlier run stands under the name that it had there. */
export function approvalsOf({ pipeline, decisions, earlier }: OpenRun): readonly Standing[] {
  return decisions.flatMap((decision) => {
    const step = stepNamed(pipeline, decision.step);
    const gate = decision.gate ?? gateOf(earlier?.decisions ?? [], decision);
    const { commit } = decision;
    // What a higher cap let begin has begun: taking it back only lowers the cap.
    if (step === undefined || !isGateStep(step)) return [];
    if (decision.decision !== "approved" || gate === null || commit === null) return [];
    return [{ gate, title: step.gate, commit }];
  });
}

function gateOf(earlier: readonly GateDecision[], { step, via }: GateDecision): string | null {
  if (via !== "earlier-run") return null;
  return earlier.findLast((one) => one.step === step && one.decision === "approved")?.gate ?? null;
}

/** null where it goes on. */
export function takenBackWords({ takenBack }: Pick<OpenRun, "takenBack">): string | null {
  if (takenBack?.isProven !== true) return null;
  const { by, title, commit } = takenBack;
  const where = commit === null ? "" : ` (${commit.slice(0, 10)})`;
  return `${by ?? "an operator"} took the approval of "${title}" back on main${where}`;
}

/** Nobody knows whether it counts, so nothing of the run goes on, nor of those that it waits for. */
export function takenBackHold(observed: Pick<Observed, "runs">, run: OpenRun): Hold | null {
  const { record, takenBack } = run;
  if (takenBack === undefined || takenBack.isProven) {
    const parent = observed.runs.get(parentOf(record)?.run ?? "");
    return parent === undefined ? null : takenBackHold(observed, parent);
  }
  const { title, by, commit } = takenBack;
  const who = by ?? "somebody who cannot be told";
  const back =
    commit === null ? "bring it back" : `git revert ${commit.slice(0, 10)}   brings it back`;
  return {
    project: record.project,
    subject: `run:${record.id}`,
    reason: "approval-unproven",
    why: `the approval of "${title}" was taken from main by ${who}, who is not an operator`,
    unblock: `${back}; fettle cancel ${shellWord(record.id)}   ends the run and undoes what it did`,
    until: null,
  };
}

/** What it did is proposed to be undone, and a person says so; whoever cancels the run has said so. */
export function isUndoProposed(observed: Observed, record: RunRecord): boolean {
  const isCancelled = observed.requests.some(
    (request) => request.kind === "cancel" && request.run === record.id,
  );
  const run = observed.runs.get(record.id);
  if (isCancelled || run === undefined) return false;
  if (takenBackWords(run) !== null) return true;
  const parent = observed.runs.get(parentOf(record)?.run ?? "");
  return parent !== undefined && isUndoProposed(observed, parent.record);
}
