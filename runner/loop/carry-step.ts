/** A step: its intent, its execution, and the one transaction that records what came of it. */
import { cachedResult } from "#runner/core/cached-result.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import type { StepAdopt, StepStart } from "#runner/core/action.ts";
import type { EventOf, LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import { askedOutcome, isDone } from "#runner/core/outcome.ts";
import { dueAt } from "#runner/core/retry.ts";
import type { OpenRun } from "#runner/core/model.ts";
import { receiptState, retryPart } from "#runner/core/settle-step.ts";
import { isAgentStep, stepNamed } from "#runner/core/step-graph.ts";
import { attemptPath, cachedPath, checkpointsPath } from "#runner/core/state-path.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import { NO_AMOUNT } from "#runner/core/money/amount.ts";
import type {
  Amount,
  AttemptRecord,
  CachedResult,
  Outcome,
  PendingDelivery,
} from "#runner/schema/types.gen.ts";
import { attemptResult } from "./attempt-result.ts";
import { isOfUnit, type Checkpoints } from "#runner/core/checkpoint.ts";
import { checkpointed } from "./checkpointed.ts";
import { blankAttempt, whoOf } from "./blank-attempt.ts";
import type { Engine, Hearing, View } from "./engine.ts";
import { prepare } from "./invocation-of.ts";
import { nothingToMerge } from "./merge-for.ts";
import { outsideLfs } from "./outside-lfs.ts";
import { receiptFile, type Moment } from "./receipt-file.ts";
import type { Remembered } from "./remembered.ts";
import { holdingAfter, withToll } from "./with-toll.ts";

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
    event: {
      kind: "effect-intended",
      at,
      ...unitOf(action),
      agent: action.agent,
      effect,
      ...(action.sums === undefined ? {} : { sums: action.sums }),
      ...(action.resume ? { takenOver: true as const } : {}),
    },
    files: [attemptFile(attempt), receipt.file],
    payload,
    change: { kind: "attempt", attempt, receipt: receipt.record },
  });
}

interface Execution {
  readonly action: StepStart;
  readonly signal: AbortSignal;
  readonly remembered: Remembered;
  /** Takes what the agent has saved while it works. */
  readonly tell: (saved: Transaction) => void;
  /** Told what it takes of its grant. */
  readonly hold: Hearing["hold"];
}

/** Runs the agent; the transaction of its result. */
export async function executeStep(
  engine: Engine,
  view: View,
  { action, signal, remembered, tell, hold }: Execution,
): Promise<Transaction> {
  const startedAt = engine.clock();
  const asking = engine.elsewhere === undefined ? { signal, hold } : null;
  const preparation = await prepare(engine, view, { action, asking });
  if (!preparation.ok) {
    const { outcome, reason } = preparation;
    const spent = action.grant === undefined ? {} : { spent: NO_AMOUNT };
    const at = engine.clock();
    return withoutResult(view, action, { startedAt, at, outcome, reason, ...spent });
  }
  const { prepared } = preparation;
  const { invocation } = prepared;
  let hasSaved = whoOf(view, action).run.checkpoints.some((saved) => isOfUnit(saved, action));
  const save = (checkpoints: Checkpoints): void => {
    hasSaved = true;
    tell(checkpointed(invocation, checkpoints, engine.clock()));
  };
  const hearing = { save, hold: holdingAfter(prepared.toll, hold) };
  const said =
    nothingToMerge(invocation) ??
    withToll(await engine.execute(invocation, signal, hearing), prepared.toll);
  const kept = await outsideLfs(engine, view, said);
  const result = action.askOnly === true ? { ...kept, outcome: askedOutcome(kept.outcome) } : kept;
  const began = result.during?.startedAt ?? startedAt;
  const done = { action, prepared, result, startedAt: began, remembered };
  const outcome = await attemptResult(engine, view, done);
  const ms = msBetween(began, outcome.attempt.finishedAt ?? began);
  return recorded(view, { action, ...outcome, ms, started: result.started, hasSaved });
}

/** A result that follows from what is recorded already: nothing was executed. */
export function adoptStep(view: View, action: StepAdopt, at: string): Transaction {
  return withoutResult(view, action, {
    startedAt: at,
    at,
    outcome: action.outcome,
    reason: action.reason,
  });
}

/** An attempt that has ended its own runner again and again is not begun once more. */
export function abandonStep(
  view: View,
  action: StepStart,
  { at, times }: { readonly at: string; readonly times: number },
): Transaction {
  const reason = `its runner has died ${times} times while it was at work`;
  const nothing = { spent: NO_AMOUNT, startedAt: at, at };
  return withoutResult(view, action, { ...nothing, outcome: "crashed", reason });
}

interface WithoutResult {
  readonly startedAt: string;
  readonly at: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly spent?: Amount;
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
    ...(action.kind === "step-adopt" ? takenOver(action, payload) : {}),
    ...(action.kind === "step-adopt"
      ? {}
      : retryPart({ ...action, ...ended }, whoOf(view, action).run).record),
    startedAt: ended.startedAt,
    finishedAt: ended.at,
    outcome: ended.outcome,
    reason: ended.reason,
    ...(ended.spent === undefined ? {} : { spent: ended.spent }),
  };
  // What is adopted follows from what was started before.
  const started = action.kind === "step-adopt";
  return recorded(view, { action, attempt, payload, pending: [], ms: 0, started });
}

function takenOver({ kept, cached }: StepAdopt, payload: PayloadDraft): Partial<AttemptRecord> {
  if (kept !== undefined) return keptPart(kept);
  if (cached === undefined) return {};
  const { key, run, attempt, rung = "", rationale = "" } = cached.record;
  // Written once more, so that it is kept as long as this run is.
  const outputs = payload.addValue(cached.outputs);
  return { key, outputs, rung, rationale, keptFrom: { run, attempt } };
}

/** What an attempt takes over of an earlier run's; its cost was paid there. */
function keptPart(kept: AttemptRecord): Partial<AttemptRecord> {
  const { run, attempt, key, outputs, rung, degraded, deliverables, memory, rationale } = kept;
  return {
    key,
    outputs,
    rung,
    ...(degraded === undefined ? {} : { degraded }),
    deliverables,
    memory,
    rationale,
    keptFrom: { run, attempt },
  };
}

export interface EndedAttempt {
  readonly action: StepStart | StepAdopt;
  readonly attempt: AttemptRecord;
  readonly payload: PayloadDraft;
  readonly pending: readonly PendingDelivery[];
  readonly ms: number;
  readonly started: boolean;
  /** Checkpoints of the unit stand on state. */
  readonly hasSaved?: boolean;
}

/** The transaction of an attempt that is over. */
export function recorded(view: View, done: EndedAttempt): Transaction {
  const { action, attempt, payload } = done;
  const { run } = whoOf(view, action);
  const at = attempt.finishedAt ?? attempt.startedAt;
  const receipt = settledReceipt(view, done, at);
  const cached = cachedPart(run, attempt);
  const event: LedgerEvent = {
    kind: "step-finished",
    at,
    ...unitOf(action),
    pipeline: run.record.pipeline,
    agent: attempt.agent,
    version: attempt.version,
    outcome: attempt.outcome ?? "crashed",
    reason: attempt.reason,
    ...(attempt.degraded === undefined ? {} : { degraded: attempt.degraded }),
    costMicros: attempt.costMicros,
    ...(action.kind === "step-adopt" ? {} : grantPart(action)),
    ...spentPart(attempt),
    ms: done.ms,
    effect: effectOf(action),
    ...(receipt?.state === "uncertain" ? doubtPart(action) : {}),
    pending: [...done.pending],
    ...cached.event,
  };
  return transaction({
    event,
    files: [
      attemptFile(attempt),
      ...(receipt === null ? [] : [receipt.file]),
      ...uselessFiles(done),
      ...cached.files,
    ],
    payload,
    change: { kind: "attempt", attempt, receipt: receipt?.record ?? null },
  });
}

/** Where nothing was executed, the doubt follows from what was recorded before. */
function doubtPart({ kind }: StepStart | StepAdopt): Pick<Finished, "doubt" | "givenUp"> {
  return kind === "step-adopt" ? { doubt: true, givenUp: true } : { doubt: true };
}

type Finished = EventOf<"step-finished">;

function grantPart({ grantName }: StepStart): { readonly grant?: string } {
  return grantName === undefined ? {} : { grant: grantName };
}

function spentPart({ spent, models }: AttemptRecord): Pick<AttemptRecord, "spent" | "models"> {
  return {
    ...(spent === undefined ? {} : { spent }),
    ...(models === undefined ? {} : { models }),
  };
}

/** What has come to its end has no next attempt. */
function uselessFiles({ attempt, hasSaved }: EndedAttempt): readonly (readonly [string, null])[] {
  const isOver = attempt.outcome !== null && isDone(attempt.outcome);
  return hasSaved === true && isOver ? [[checkpointsPath(attempt.run, attempt), null]] : [];
}

interface CachedPart {
  readonly event: { readonly cache?: string };
  readonly files: readonly (readonly [string, CachedResult])[];
}

/** What other runs may take over. */
function cachedPart({ pipeline }: OpenRun, attempt: AttemptRecord): CachedPart {
  const step = stepNamed(pipeline, attempt.step);
  const isCachable = step !== undefined && isAgentStep(step);
  const cached = isCachable ? cachedResult(step, attempt) : null;
  return cached === null
    ? { event: {}, files: [] }
    : { event: { cache: cached.key }, files: [[cachedPath(cached.key), cached]] };
}

/** What the attempt leaves in the record of the effect; a noop leaves it as it is. */
function settledReceipt(
  view: View,
  { action, attempt, started }: EndedAttempt,
  at: string,
): (ReturnType<typeof receiptFile> & Pick<Moment, "state">) | null {
  const effect = effectOf(action);
  if (effect === null || (action.kind === "step-adopt" && attempt.outcome === "noop")) return null;
  const receipt = attempt.effect?.receipt;
  const state = receiptState({
    outcome: attempt.outcome ?? "crashed",
    again: dueAt(attempt) !== null,
    started,
    resume: action.kind !== "step-adopt" && action.resume,
  });
  const moment = { effect, state, at, ...(receipt === undefined ? {} : { receipt }) };
  return { ...receiptFile(view, action, moment), state };
}

function effectOf(action: StepStart | StepAdopt): StepStart["effect"] {
  if (action.effect === null) return null;
  const { key, base, ordinal, onceKey } = action.effect;
  return { key, base, ordinal, onceKey };
}

function attemptFile(attempt: AttemptRecord): readonly [string, AttemptRecord] {
  return [attemptPath(attempt.run, attempt, attempt.attempt), attempt];
}

function unitOf(
  action: StepStart | StepAdopt,
): Pick<StepStart, "project" | "run" | "step" | "item" | "attempt"> {
  const { project, run, step, item, attempt } = action;
  return { project, run, step, item, attempt };
}
