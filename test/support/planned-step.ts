/** The transaction of a step that an imagined agent has carried out. */
import type { StepStart } from "#runner/core/action.ts";
import type { LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import type { OpenRun } from "#runner/core/model.ts";
import { effectOutcome } from "#runner/core/outcome.ts";
import { dueAt } from "#runner/core/retry.ts";
import { pendingFiles, receiptState, retryPart } from "#runner/core/settle-step.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { View } from "#runner/loop/engine.ts";
import { receiptFile } from "#runner/loop/receipt-file.ts";
import type { AttemptRecord, Deliverable, Outcome } from "#runner/schema/types.gen.ts";
import { attempt, BLOB, cite } from "./core-records.ts";

/** How the agent ended; succeeded without outputs and files unless it says otherwise. */
export interface Ending {
  readonly outcome?: Outcome;
  readonly outputs?: unknown;
  readonly costMicros?: number;
  /** Path to blob. */
  readonly files?: Readonly<Record<string, string>>;
}

type Ended = Ending & { readonly at: string };

export function finished(view: View, start: StepStart, ending: Ended): Transaction {
  const { at } = ending;
  const { effect } = start;
  const payload = new PayloadDraft(at);
  const run = view.observed.runs.get(start.run);
  if (run === undefined) throw new Error(`${start.run} is not open`);
  const outcome = outcomeOf(run, start, ending.outcome ?? "succeeded");
  if (start.itemInput !== undefined) payload.addValue(start.itemInput);
  const record: AttemptRecord = {
    ...blank(start),
    outputs: outcome === "succeeded" ? payload.addValue(ending.outputs ?? {}) : null,
    startedAt: at,
    finishedAt: at,
    outcome,
    ...retryPart({ ...start, outcome, at }, run).record,
    ...(effect === null ? {} : { effect: { ...effect } }),
    deliverables: filesOf(run, ending.files ?? {}),
    costMicros: ending.costMicros ?? 0,
  };
  const again = dueAt(record) !== null;
  const state = receiptState({ outcome, again, resume: start.resume, started: true });
  const receipt = effect === null ? null : receiptFile(view, start, { effect, state, at }).record;
  return transaction({
    event: eventOf(start, record, run),
    payload,
    change: { kind: "attempt", attempt: record, receipt },
  });
}

function blank({ step, run, item, attempt: number, agent, iteration }: StepStart): AttemptRecord {
  const turn = iteration === undefined ? {} : { iteration };
  return { ...attempt(step, { run, item, attempt: number, agent, ...turn }), agentTree: BLOB };
}

function outcomeOf({ agents }: OpenRun, { agent, effect }: StepStart, outcome: Outcome): Outcome {
  const { idempotency = "none" } = agents.get(agent)?.manifest ?? {};
  return effect === null ? outcome : effectOutcome(outcome, idempotency);
}

function filesOf(run: OpenRun, files: Readonly<Record<string, string>>): Deliverable[] {
  return Object.entries(files).map(([path, blob]) => {
    const was = run.record.base.overlay.find((file) => file.path === path)?.blob ?? null;
    return { path, content: cite(path), blob, was, bytes: 1 };
  });
}

function eventOf(
  start: StepStart,
  record: AttemptRecord,
  { pipeline, ...run }: OpenRun,
): LedgerEvent {
  const { project, step, item, effect } = start;
  const brought = { run: start.run, step, deliverables: record.deliverables, memory: [] };
  return {
    kind: "step-finished",
    at: record.startedAt,
    project,
    run: start.run,
    pipeline: run.record.pipeline,
    step,
    item,
    attempt: start.attempt,
    agent: start.agent,
    version: "1.0.0",
    outcome: record.outcome ?? "crashed",
    reason: "",
    costMicros: record.costMicros,
    ms: 1000,
    effect,
    pending: pendingFiles(pipeline, brought),
  };
}
