/** Changes that an operator asks for at a gate: what it showed is made anew with the words, by a run of its own, and shown by a new gate. */
import type { Action } from "./action.ts";
import { parentOf } from "./child-run.ts";
import { referencedSteps } from "#runner/core/expression/evaluate.ts";
import type { ObservedGate, OpenRun } from "./model.ts";
import { isAgentStep, isGateStep, stepNamed } from "./step-graph.ts";
import type { ChangesAsked, GateDecision, GateRecord, GateStep } from "#runner/schema/types.gen.ts";

const MOST_CHANGES = 3;

/** Why nothing is made anew by itself; null where it is. */
export function whyNotAnew(run: OpenRun, gate: Pick<GateRecord, "step">): string | null {
  const step = gateStepOf(run, gate);
  if (step === undefined || !isMadeByAgents(run, step)) {
    return "no step of the run has made what it shows";
  }
  const parent = parentOf(run.record);
  if (parent !== null) return `its run is part of ${parent.run}, which goes on without it`;
  const times = timesAsked(run, step.id);
  const most = step.maxChanges ?? MOST_CHANGES;
  if (times < most) return null;
  return `changes were asked for ${times} times in a row, and maxChanges is ${most}`;
}

function gateStepOf(
  { pipeline, record }: OpenRun,
  { step }: Pick<GateRecord, "step">,
): GateStep | undefined {
  // An undoing run bears the pipeline that it undoes.
  const found = record.undoes === undefined ? stepNamed(pipeline, step) : undefined;
  return found !== undefined && isGateStep(found) ? found : undefined;
}

function isMadeByAgents({ pipeline }: OpenRun, { show }: GateStep): boolean {
  return referencedSteps(show).some((id) => {
    const step = stepNamed(pipeline, id);
    return step !== undefined && isAgentStep(step);
  });
}

function timesAsked({ record }: OpenRun, step: string): number {
  return record.changes?.find((asked) => asked.step === step)?.time ?? 0;
}

/** What came of a run, as far as another one makes it anew. */
export interface Rework {
  /** Who asked for it, and with what words. */
  readonly by: string;
  readonly reason: string;
  readonly changes: readonly ChangesAsked[];
}

/** undefined where no changes were asked for. */
export function reworkOf(run: OpenRun): Rework | undefined {
  const asked = run.decisions.filter(isAskedFor);
  const [first] = asked;
  if (first === undefined) return undefined;
  const changes = asked.map(({ step, gate }) => ({ step, gate, time: timesAsked(run, step) + 1 }));
  return { by: first.by, reason: asked.map(({ reason }) => reason).join("\n"), changes };
}

type Asked = GateDecision & { readonly gate: string };

function isAskedFor(decision: GateDecision): decision is Asked {
  return decision.decision === "changes-requested" && decision.gate !== null;
}

/** Another run makes anew what this one made. */
export function isReworked(action: Action): boolean {
  return action.kind === "run-finish" && action.rework !== undefined;
}

/** The gate whose changes this run makes, at the same step. */
export function followedGate({ record }: OpenRun, step: string): ChangesAsked | undefined {
  return record.changes?.find((asked) => asked.step === step);
}

/** What was asked for there, in the operator's words; null where that is not kept any more. */
export function askedWords({ earlier }: OpenRun, { gate }: ChangesAsked): string | null {
  return earlier?.decisions.find((decision) => decision.gate === gate)?.reason ?? null;
}

/** Whether what stands on the branch is what was proposed, for the gate alone: only then does a word on it mean the gate. */
export function isAsProposed({ record, facts }: ObservedGate): boolean {
  return facts.branchHead === record.head && record.briefing === undefined;
}
