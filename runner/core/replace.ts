/**
 * `concurrency.policy: replace`: a newer trigger takes the place of an open run, where nothing of it is half-way. A run
 * that has begun to act on the outside world, or that a person has answered, goes on to its end.
 */
import type { RunFinish } from "./action.ts";
import { requestsToCancel } from "./cancel.ts";
import { childrenOf } from "./child-run.ts";
import type { GateSettle } from "#runner/core/gate/gate-action.ts";
import { stateOfGate, superseded } from "#runner/core/gate/gate-decision.ts";
import { heldByOthers } from "./lease.ts";
import type { ObservedGate, OpenRun } from "./model.ts";
import { unitPrefixOfRun } from "./parallel.ts";
import type { ProjectContext } from "./project-context.ts";
import { isAssent } from "#runner/core/gate/settle-gate.ts";
import { stepNamed } from "./step-graph.ts";
import type { RunRecord } from "#runner/schema/types.gen.ts";

export interface Replacement {
  readonly actions: readonly (GateSettle | RunFinish)[];
  /** Runs that begin nothing any more. */
  readonly yielding: readonly string[];
  /** How the new run comes to start, for the hold that waits for it. */
  readonly words: string;
}

type Fate =
  | { readonly kind: "cancel" }
  /** As soon as what is at work is over. */
  | { readonly kind: "soon" }
  | { readonly kind: "keep"; readonly why: string };

/** What becomes of the open runs when `next` is to start in their place. */
export function replacement(
  context: ProjectContext,
  open: readonly OpenRun[],
  next: Pick<RunRecord, "id" | "because">,
): Replacement {
  const fates = open.map((run) => ({ run, fate: fateOf(context, run) }));
  const replaced = fates.filter(({ fate }) => fate.kind !== "keep");
  return {
    actions: fates.flatMap(({ run, fate }) =>
      fate.kind === "cancel" ? ending(context, run, next) : [],
    ),
    yielding: replaced.map(({ run }) => run.record.id),
    words: fates.map(({ run, fate }) => wordsOf(run.record.id, fate)).join("; "),
  };
}

/** Runs that it waits for go along with it, so it can go only where they can. */
function fateOf(context: ProjectContext, run: OpenRun): Fate {
  const below = childrenOf(context.observed.runs, run.record.id);
  const fates = [ownFate(context, run), ...below.map((child) => fateOf(context, child))];
  const kept = fates.find(({ kind }) => kind === "keep");
  return kept ?? fates.find(({ kind }) => kind === "soon") ?? { kind: "cancel" };
}

function ownFate(context: ProjectContext, run: OpenRun): Fate {
  const { observed, now } = context;
  const { id } = run.record;
  const lease = heldByOthers(observed.runners, observed.self, now).get(id);
  if (lease !== undefined) {
    return { kind: "keep", why: `${lease.runner} works on it, and it can be replaced only there` };
  }
  if (requestsToCancel(observed.requests, id).length > 0) {
    return { kind: "keep", why: "somebody has called it off" };
  }
  const acted = run.attempts.find(({ effect }) => effect !== undefined);
  if (acted !== undefined) {
    return { kind: "keep", why: `step ${acted.step} has begun to act on the outside world` };
  }
  const answered = answeredGate(context, run);
  if (answered !== undefined)
    return { kind: "keep", why: `its gate ${answered} has an answer, or somebody works on it` };
  const isWorking = [...observed.working].some((key) => key.startsWith(unitPrefixOfRun(id)));
  return { kind: isWorking ? "soon" : "cancel" };
}

/** A gate of the run that a person has approved or answered, has answered so that it settles next, or works on. */
function answeredGate(context: ProjectContext, run: OpenRun): string | undefined {
  const { observed } = context;
  // That a cap was raised for it says nothing of the run.
  const approved = run.decisions.find(
    ({ step, decision }) => isAssent(decision) && stepNamed(run.pipeline, step) !== undefined,
  );
  if (approved !== undefined) return approved.step;
  const open = [...observed.gates.values()].filter(({ record }) => record.run === run.record.id);
  return open.find((gate) => !isUntouched(context, gate))?.record.step;
}

/** Nobody has said or changed anything there. */
function isUntouched(context: ProjectContext, gate: ObservedGate): boolean {
  const state = stateOfGate(context, gate);
  const { branchHead, remarkedBy } = gate.facts;
  const isSilent = branchHead === gate.record.head && remarkedBy === null;
  // What main has changed is no word of anybody.
  return (
    isSilent && (state.kind === "conflicting" || (state.kind === "open" && state.doubt === null))
  );
}

/** Its gates first, with a word on what comes in their place. */
function ending(
  { observed }: ProjectContext,
  run: OpenRun,
  next: Pick<RunRecord, "id" | "because">,
): readonly (GateSettle | RunFinish)[] {
  const gates = [...observed.gates.values()].filter(({ record }) => record.run === run.record.id);
  const reason = `${next.id} takes the place of its run: ${next.because}`;
  return gates.length === 0
    ? [cancellation(run.record, next)]
    : gates.map((gate) => superseded(run, gate, reason));
}

function cancellation(
  { id, project }: RunRecord,
  next: Pick<RunRecord, "id" | "because">,
): RunFinish {
  const reason = `replaced by ${next.id}`;
  return {
    kind: "run-cancel",
    project,
    because: `${reason}: ${next.because}`,
    run: id,
    result: "cancelled",
    reason,
    outputs: {},
    serves: [],
    goal: null,
  };
}

function wordsOf(run: string, fate: Fate): string {
  switch (fate.kind) {
    case "cancel":
      return `it takes the place of ${run}`;
    case "soon":
      return `it takes the place of ${run} when the step at work is over`;
    case "keep":
      return `it starts when ${run} has ended: ${fate.why}`;
  }
}
