/** A step: its intent, its execution, and the one transaction that records what came of it. */
import { blobId } from "#runner/core/blob-id.ts";
import { addMs, msBetween } from "#runner/core/calendar.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { admitMemory, type AdmittedMemory } from "#runner/core/memory-admission.ts";
import type { AgentVersion, LedgerEvent, OpenRun, StepAdopt, StepStart, Transaction } from "#runner/core/model.ts";
import { effectOutcome } from "#runner/core/outcome.ts";
import { attemptLimit, isRetryable, retryDelayMs } from "#runner/core/retry.ts";
import { attemptPath } from "#runner/core/state-path.ts";
import { shownSteps } from "#runner/core/step-graph.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { Result } from "#runner/runtimes/invocation.ts";
import type { AttemptRecord, Deliverable, Outcome, PendingDelivery } from "#runner/schema/types.gen.ts";
import type { Engine, View } from "./engine.ts";
import { prepare, type Prepared } from "./invocation-of.ts";
import { receiptFile } from "./receipt-file.ts";

/** The intent of an external effect: published before the effect, so that it can never happen unseen. */
export function intend(view: View, action: StepStart, at: string): Transaction {
  const { effect } = action;
  if (effect === null) throw new Error(`${action.step} has no external effect`);
  const payload = new PayloadDraft(at);
  const attempt: AttemptRecord = {
    ...blankAttempt(view, action, payload),
    state: "intended",
    startedAt: at,
    effect: { ...effect },
  };
  const receipt = receiptFile(view, action, { effect, state: "intended", at });
  return transaction({
    event: { kind: "effect-intended", at, ...unitOf(action), agent: action.agent, effect },
    files: [attemptFile(attempt), receipt.file],
    payload,
    change: { kind: "attempt", attempt, receipt: receipt.record },
  });
}

/** Runs the agent; the transaction of its result. */
export async function executeStep(
  engine: Engine,
  view: View,
  { action, signal }: { readonly action: StepStart; readonly signal: AbortSignal },
): Promise<Transaction> {
  const startedAt = engine.clock();
  const preparation = await prepare(engine, view, action);
  if (!preparation.ok) {
    const ended = { outcome: "missing-data" as const, reason: preparation.reason };
    return withoutResult(view, action, { startedAt, at: engine.clock(), ...ended });
  }
  const { prepared } = preparation;
  const result = await engine.execute(prepared.invocation, signal);
  return finished(engine, view, { action, prepared, result, startedAt });
}

/** A result that follows from what is recorded already: nothing was executed. */
export function adoptStep(view: View, action: StepAdopt, at: string): Transaction {
  return withoutResult(view, action, { startedAt: at, at, outcome: action.outcome, reason: action.reason });
}

interface Finished {
  readonly action: StepStart;
  readonly prepared: Prepared;
  readonly result: Result;
  readonly startedAt: string;
}

function finished(engine: Engine, view: View, done: Finished): Transaction {
  const { action, prepared, result, startedAt } = done;
  const at = engine.clock();
  const { run, agent } = whoOf(view, action);
  const payload = new PayloadDraft(at);
  const outcome = recordedOutcome(action, agent, result.outcome);
  const hasResult = outcome === "succeeded" || outcome === "noop";
  const deliverables = hasResult ? harvested(engine, done, payload) : [];
  const admission = admitMemory(hasResult ? result.memory : [], {
    writes: agent.manifest.memory?.writes,
    namespace: run.record.project,
    run: action.run,
    step: action.step,
    item: action.item,
    agent: `${agent.name}@${agent.manifest.version}`,
    asOf: run.record.asOf,
    trust: (agent.manifest.network ?? []).length > 0 ? "external" : "internal",
    existing: prepared.existing,
    injected: prepared.invocation.memory.map(({ text }) => text),
    knownSecrets: prepared.invocation.secrets,
  });
  const memory = admission.admitted.map((record) => memoryFile(engine, record, payload));
  const attempt: AttemptRecord = {
    ...blankAttempt(view, action, payload),
    ...effectPart(action, result),
    ...retryPart(action, { outcome, result, at }),
    ...(result.degraded === undefined ? {} : { degraded: result.degraded }),
    ...(result.model === undefined ? {} : { model: result.model }),
    ...(result.log === "" ? {} : { log: payload.addBytes(new TextEncoder().encode(result.log)) }),
    key: prepared.invocation.key,
    outputs: result.outputs === null || result.outputs === undefined ? null : payload.addValue(result.outputs),
    startedAt,
    finishedAt: at,
    outcome,
    reason: result.reason,
    rung: result.rung,
    deliverables,
    memory: {
      recalled: [...prepared.recalled],
      admitted: admission.admitted.map(({ record }) => record.id),
      refused: [...admission.refused],
    },
    rationale: result.rationale,
  };
  const isShown = shownSteps(run.pipeline).has(action.step);
  const files = [...(isShown ? [] : deliverables), ...memory];
  const pending = files.map((file) => pendingOf(action, file, memory.includes(file)));
  return recorded(view, { action, attempt, payload, pending, ms: msBetween(startedAt, at) });
}

/** The effect of a failed external step may have happened all the same. */
function recordedOutcome(action: StepStart, agent: AgentVersion, outcome: Outcome): Outcome {
  return action.effect === null
    ? outcome
    : effectOutcome(outcome, agent.manifest.idempotency ?? "none");
}

function effectPart(action: StepStart, result: Result): Pick<AttemptRecord, "effect"> {
  if (action.effect === null) return {};
  const { receipt } = result;
  return {
    effect: { ...action.effect, ...(receipt === undefined ? {} : { receipt: { ...receipt } }) },
  };
}

function retryPart(
  action: StepStart,
  { outcome, result, at }: { readonly outcome: Outcome; readonly result: Result; readonly at: string },
): Pick<AttemptRecord, "retryAt"> {
  if (!isRetryable(outcome)) return {};
  return { retryAt: addMs(at, result.retryAfterMs ?? retryDelayMs(action.attempt)) };
}

function harvested(engine: Engine, done: Finished, payload: PayloadDraft): Deliverable[] {
  return done.result.files.map(({ path, content }) => ({
    path,
    content: payload.addBytes(content),
    blob: blobId(content, engine.repository.objectFormat),
    was: done.prepared.files.get(path)?.oid ?? null,
    bytes: content.byteLength,
  }));
}

function memoryFile(engine: Engine, record: AdmittedMemory, payload: PayloadDraft): Deliverable {
  const content = new TextEncoder().encode(record.file);
  return {
    path: record.path,
    content: payload.addBytes(content),
    blob: blobId(content, engine.repository.objectFormat),
    was: null,
    bytes: content.byteLength,
  };
}

function pendingOf(action: StepStart, file: Deliverable, memory: boolean): PendingDelivery {
  return { ...file, run: action.run, step: action.step, memory };
}

interface WithoutResult {
  readonly startedAt: string;
  readonly at: string;
  readonly outcome: Outcome;
  readonly reason: string;
}

function withoutResult(
  view: View,
  action: StepStart | StepAdopt,
  ended: WithoutResult,
): Transaction {
  const payload = new PayloadDraft(ended.at);
  const attempt: AttemptRecord = {
    ...blankAttempt(view, action, payload),
    ...(action.effect === null ? {} : { effect: { ...action.effect } }),
    startedAt: ended.startedAt,
    finishedAt: ended.at,
    outcome: ended.outcome,
    reason: ended.reason,
  };
  return recorded(view, { action, attempt, payload, pending: [], ms: 0 });
}

interface Recorded {
  readonly action: StepStart | StepAdopt;
  readonly attempt: AttemptRecord;
  readonly payload: PayloadDraft;
  readonly pending: readonly PendingDelivery[];
  readonly ms: number;
}

function recorded(view: View, done: Recorded): Transaction {
  const { action, attempt, payload } = done;
  const { run } = whoOf(view, action);
  const at = attempt.finishedAt ?? attempt.startedAt;
  const event: LedgerEvent = {
    kind: "step-finished",
    at,
    ...unitOf(action),
    pipeline: run.record.pipeline,
    agent: attempt.agent,
    version: attempt.version,
    outcome: attempt.outcome ?? "crashed",
    reason: attempt.reason,
    costMicros: attempt.costMicros,
    ms: done.ms,
    effect: effectOf(action),
    pending: [...done.pending],
  };
  const receipt = settledReceipt(view, done, at);
  return transaction({
    event,
    files: [attemptFile(attempt), ...(receipt === null ? [] : [receipt.file])],
    payload,
    change: { kind: "attempt", attempt, receipt: receipt?.record ?? null },
  });
}

/** What the attempt leaves in the record of the effect; a noop leaves it as it is. */
function settledReceipt(
  view: View,
  { action, attempt }: Recorded,
  at: string,
): ReturnType<typeof receiptFile> | null {
  const effect = effectOf(action);
  if (effect === null || (action.kind === "step-adopt" && attempt.outcome === "noop")) return null;
  const receipt = attempt.effect?.receipt;
  const { run } = whoOf(view, action);
  const state = receiptState(attempt, attemptLimit(run.pipeline, action.step));
  return receiptFile(view, action, { effect, state, at, ...(receipt === undefined ? {} : { receipt }) });
}

/** null frees the ordinal: the effect has certainly not happened. Doubt that no further attempt can lift is `uncertain`. */
function receiptState(
  { outcome, attempt }: AttemptRecord,
  limit: number,
): "happened" | "uncertain" | "intended" | null {
  if (outcome === "succeeded" || outcome === "noop") return "happened";
  if (outcome === "missing-tool" || outcome === "missing-data") return null;
  return outcome !== null && isRetryable(outcome) && attempt < limit ? "intended" : "uncertain";
}

function effectOf(action: StepStart | StepAdopt): StepStart["effect"] {
  if (action.effect === null) return null;
  const { key, base, ordinal, onceKey } = action.effect;
  return { key, base, ordinal, onceKey };
}

function unitOf(
  action: StepStart | StepAdopt,
): Pick<StepStart, "project" | "run" | "step" | "item" | "attempt"> {
  const { project, run, step, item, attempt } = action;
  return { project, run, step, item, attempt };
}

function attemptFile(attempt: AttemptRecord): readonly [string, AttemptRecord] {
  return [attemptPath(attempt.run, attempt, attempt.attempt), attempt];
}

function whoOf(
  view: View,
  action: { readonly run: string; readonly agent: string },
): { readonly run: OpenRun; readonly agent: AgentVersion } {
  const run = view.observed.runs.get(action.run);
  const agent = run?.agents.get(action.agent);
  if (run === undefined || agent === undefined) {
    throw new Error(`${action.run} or its agent ${action.agent} is unknown`);
  }
  return { run, agent };
}

/** Everything that is known before the agent has said anything. */
function blankAttempt(
  view: View,
  action: StepStart | StepAdopt,
  payload: PayloadDraft,
): AttemptRecord {
  const { agent } = whoOf(view, action);
  return {
    run: action.run,
    step: action.step,
    item: action.item,
    attempt: action.attempt,
    state: "finished",
    agent: agent.name,
    version: agent.manifest.version,
    agentTree: agent.tree,
    key: digestOf({ agent: agent.tree, inputs: action.inputs }),
    inputs: payload.addValue(action.inputs),
    ...(action.itemInput === undefined ? {} : { itemInput: payload.addValue(action.itemInput) }),
    outputs: null,
    startedAt: "",
    finishedAt: null,
    outcome: null,
    reason: "",
    rung: "",
    deliverables: [],
    memory: { recalled: [], admitted: [], refused: [] },
    rationale: "",
    costMicros: 0,
    basis: "free",
  };
}
