/**
 * Records that an operator decides on: one gate shows all that wait in a project, as a run of the implicit pipeline
 * `memory.review`, so that the runs that proposed them come to their end.
 */
import { decideGate } from "#runner/core/gate/gate-decision.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { proposalOf } from "#runner/core/gate/gate-proposal.ts";
import { riskOf } from "#runner/core/gate/risk.ts";
import { acting, ended, type RunContext, type StepPlan } from "#runner/core/step-plan.ts";
import { gatePlace, type GateOpen, type GateSettle } from "#runner/core/gate/gate-action.ts";
import type { Candidate } from "#runner/core/trigger.ts";
import { isLost } from "#runner/core/gate/settle-gate.ts";
import type {
  GateDecision,
  GateRecord,
  GateStep,
  LiveProject,
  PendingDelivery,
  Pipeline,
  Risk,
} from "#runner/schema/types.gen.ts";

export const MEMORY_REVIEW = "memory.review";

/** A pending record that waits for an operator. */
export type ProposedMemory = PendingDelivery & Required<Pick<PendingDelivery, "asks">>;

export function reviewPipeline(): Pipeline {
  return {
    apiVersion: "fettle/v1",
    steps: [{ id: "review", gate: "Remember what agents propose", ask: "always", show: {} }],
  };
}

export function isProposed(file: PendingDelivery): file is ProposedMemory {
  return file.asks !== undefined;
}

/** What waits in a project, of runs that are over; oldest first. */
function waitingRecords(live: LiveProject | undefined): readonly ProposedMemory[] {
  const open = new Set(live?.openRuns);
  return (live?.pending ?? []).filter(isProposed).filter(({ run }) => !open.has(run));
}

/** The run that asks; null where nothing waits. */
export function dueReview(live: LiveProject | undefined, now: string): Candidate | null {
  const waiting = waitingRecords(live);
  if (waiting.length === 0) return null;
  const because = `${waiting.length} proposed ${waiting.length === 1 ? "record waits" : "records wait"}`;
  return {
    slot: `memory:${digestOf(waiting.map(({ path, blob }) => [path, blob]))}`,
    asOf: now,
    because,
    trigger: { kind: "memory", records: waiting.length },
    cursor: {},
    params: {},
    request: null,
  };
}

/** The one step of such a run. */
export function planReview(context: RunContext, step: GateStep): StepPlan {
  const decision = context.run.decisions.find((made) => made.step === step.id);
  if (decision !== undefined) return endOf(decision);
  const { id, project } = context.run.record;
  const gate = [...context.observed.gates.values()].find(({ record }) => record.run === id);
  if (gate !== undefined) return decideGate(context, gate);
  const records = waitingRecords(context.observed.summaries.projects.get(project));
  return records.length === 0
    ? acting(nothingToShow(context, step))
    : proposalOf(context, openAction(context, step, records));
}

function endOf({ decision, reason }: GateDecision): StepPlan {
  const value = { decision };
  if (!isLost(decision)) return ended({ result: "done", value, failedItems: 0, reason });
  return ended({ result: "rejected", value, failedItems: 0, reason: `${decision}: ${reason}` });
}

function openAction(
  context: RunContext,
  step: GateStep,
  records: readonly ProposedMemory[],
): GateOpen {
  const { record } = context.run;
  return {
    kind: "gate-open",
    project: record.project,
    because: records.map(({ asks, path }) => `${path}: ${asks.says} (${asks.why})`).join("; "),
    answerWithinMs: null,
    items: [],
    gate: {
      ...gatePlace(record, { step: step.id, named: "memory" }),
      title: step.gate,
      onExpire: "keep",
      risk: riskOfRecords(context, step, records),
      deliverables: records.map(({ path, content, blob, was, bytes }) => ({
        path,
        content,
        blob,
        was,
        bytes,
      })),
      claims: records.map(({ path }) => path),
      costMicros: 0,
    },
  };
}

function riskOfRecords(
  context: RunContext,
  step: GateStep,
  records: readonly ProposedMemory[],
): Risk {
  const { project, pipeline } = context.run.record;
  const isOutside = records.some(({ asks }) => asks.external === true);
  const facts = {
    effects: "repository",
    reversibility: "reversible",
    project,
    pipeline,
    agent: "",
    step: step.id,
    items: records.length,
    spendMicros: 0,
    amount: 0,
    paths: records.map(({ path }) => path),
    diffFiles: records.length,
    taint: isOutside ? ["external"] : [],
    novelty: [],
    approvals: { approved: 0, rejected: 0 },
    declared: 0,
  } as const;
  return riskOf(facts, context.workspace.settings.policy);
}

function nothingToShow(context: RunContext, step: GateStep): GateSettle {
  const { project, id } = context.run.record;
  const reason = "nothing waits any more";
  return {
    kind: "gate-settle",
    project,
    because: reason,
    gate: null,
    run: id,
    step: step.id,
    decision: "skipped",
    by: "fettle",
    via: "nothing-to-show",
    reason,
    commit: null,
    risk: 0,
    request: null,
    items: [],
    files: {},
  };
}

/** What the decision on a gate of proposed records means for them; undefined for all other gates. */
export function decidedRecords(
  { decision, files }: Pick<GateSettle, "decision" | "files">,
  gate: GateRecord | undefined,
  live: LiveProject | undefined,
): { readonly paths: readonly string[]; readonly refused: readonly string[] } | undefined {
  if (gate === undefined || gate.pipeline !== MEMORY_REVIEW) return undefined;
  const paths = new Set(gate.deliverables.map(({ path }) => path));
  const proposed = (live?.pending ?? []).filter(isProposed).filter(({ path }) => paths.has(path));
  const isAnswer = decision === "approved" || decision === "rejected";
  const refused = isAnswer ? proposed.filter(({ path }) => !Object.hasOwn(files, path)) : [];
  return { paths: [...paths].toSorted(), refused: refused.map(({ asks }) => asks.digest) };
}
