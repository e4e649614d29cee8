/** Gates that an operator has approved in words on the forge, and that nobody has merged yet. */
import { stateOfGate } from "./gate-decision.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";

export interface Endorsed {
  readonly gate: GateRecord;
  /** Commit that was approved, and nothing else. */
  readonly head: string;
  /** E-mail of who approved it. */
  readonly by: string;
}

export function endorsedGates(
  workspace: Workspace,
  observed: Observed,
  now: string,
): readonly Endorsed[] {
  return [...observed.gates.values()].flatMap((gate) => {
    // A word is no answer to a question: whoever merges it has looked at the form.
    if (gate.record.asks !== undefined) return [];
    const state = stateOfGate({ workspace, observed, now }, gate);
    if (state.kind !== "open" || state.doubt?.kind !== "endorsed") return [];
    return [{ gate: gate.record, head: state.doubt.head, by: state.doubt.by }];
  });
}
