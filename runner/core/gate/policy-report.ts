/** What the policy makes of gates of the past: which rules hold, and what other thresholds would have done. */
import { askingOf, riskOf, thresholdsOf, type Asking } from "./risk.ts";
import type { RunHistory } from "#runner/core/run-history.ts";
import { isGateStep, stepNamed } from "#runner/core/step-graph.ts";
import type { Workspace } from "#runner/core/model.ts";
import type {
  GateDecision,
  GateRecord,
  GateStep,
  JudgedAction,
  Policy,
  Risk,
} from "#runner/schema/types.gen.ts";

/** A gate that was decided, or waits, as the policy saw it then and sees it now. */
export interface JudgedGate {
  readonly at: string;
  readonly run: string;
  readonly project: string;
  readonly pipeline: string;
  readonly step: string;
  readonly ask: NonNullable<GateStep["ask"]>;
  /** null: it waits. */
  readonly decision: GateDecision["decision"] | null;
  readonly risk: number;
  /** By the rules of today; null where it is not recorded what they would see. */
  readonly now: Risk | null;
  readonly asking: Asking;
  /** With the other thresholds; null where none were given. */
  readonly instead: Asking | null;
}

export interface PolicyReport {
  readonly policy: Readonly<Record<"autoBelow" | "gateFrom", number>> & Pick<Policy, "veto">;
  readonly instead: PolicyReport["policy"] | null;
  readonly gates: readonly JudgedGate[];
}

export type OtherThresholds = Pick<Policy, "autoBelow" | "gateFrom">;

/** Newest first. */
export function policyReport(
  runs: readonly RunHistory[],
  workspace: Workspace,
  { other, limit }: { readonly other: OtherThresholds; readonly limit: number },
): PolicyReport {
  const { policy = {} } = workspace.settings;
  const isOther = Object.keys(other).length > 0;
  const instead = isOther ? { ...policy, ...other } : null;
  const gates = runs
    .flatMap((run) => [
      ...run.decisions.filter(isApproval).map((made) => judged(run, ofDecision(made), workspace)),
      ...run.waiting
        .filter(({ asks: fields }) => fields === undefined)
        .map((gate) => judged(run, ofOpen(gate), workspace)),
    ])
    .toSorted((a, b) => Number(a.at < b.at) - Number(a.at > b.at))
    .slice(0, limit)
    .map((gate) => ({ ...gate, instead: instead === null ? null : asks(gate, instead) }));
  return {
    policy: thresholds(policy),
    instead: instead === null ? null : thresholds(instead),
    gates,
  };
}

/** Whatever the policy says, a question is asked. */
function isApproval({ decision }: GateDecision): boolean {
  return decision !== "answered" && decision !== "defaulted";
}

function thresholds(policy: Policy): PolicyReport["policy"] {
  const { veto } = policy;
  return { ...thresholdsOf(policy), ...(veto === undefined ? {} : { veto }) };
}

interface Seen {
  readonly step: string;
  readonly at: string;
  readonly decision: GateDecision["decision"] | null;
  readonly risk: number;
  readonly action: JudgedAction | undefined;
}

function ofDecision({ step, at, decision, risk, action }: GateDecision): Seen {
  return { step, at, decision, risk, action };
}

function ofOpen({ step, openedAt: at, risk: { score, action } }: GateRecord): Seen {
  return { step, at, decision: null, risk: score, action };
}

type Judged = Omit<JudgedGate, "instead">;

function judged({ record }: RunHistory, seen: Seen, workspace: Workspace): Judged {
  const { action, ...facts } = seen;
  const { id: run, project, pipeline } = record;
  const { policy } = workspace.settings;
  const now = action === undefined ? null : riskOf(action, policy);
  const ask = askOf(workspace, { project, pipeline, step: seen.step });
  const gate = { ...facts, run, project, pipeline, ask, now };
  return { ...gate, asking: asks(gate, policy) };
}

function asks({ ask, now, risk }: Pick<Judged, "ask" | "now" | "risk">, policy?: Policy): Asking {
  return askingOf({ ask, score: now?.score ?? risk, isAlwaysAsked: false }, policy);
}

/** As the pipeline says today. */
function askOf(
  { projects }: Workspace,
  at: Pick<Judged, "project" | "pipeline" | "step">,
): Judged["ask"] {
  const pipeline = projects.get(at.project)?.pipelines.get(at.pipeline);
  const step = pipeline === undefined ? undefined : stepNamed(pipeline, at.step);
  return step !== undefined && isGateStep(step) ? (step.ask ?? "risk") : "risk";
}
