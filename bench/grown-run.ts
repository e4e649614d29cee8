/** A run of three steps as it is recorded: its start, three results, its end. */
import { digestOf } from "#runner/core/canonical-json.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { attemptPath, closedRunPath, runPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { AttemptRecord, Citation, ClosedRun, RunRecord } from "#runner/schema/types.gen.ts";

export const PROJECT = "p0";
const PIPELINE = "count";
const STEPS = ["find", "draft", "record"];
const MAIN = digestOf("main").slice(7, 47);

/** In applied order. */
export function runTransactions(name: string, at: string): readonly Transaction[] {
  const record = recordOf(name, at);
  const attempts = STEPS.map((step, index) =>
    attemptOf(record, step, addMs(at, 1000 * (index + 1))),
  );
  const endedAt = addMs(at, 1000 * (STEPS.length + 1));
  return [started(record), ...attempts.map(finished), ended(record, attempts, endedAt)];
}

function recordOf(name: string, at: string): RunRecord {
  const request = `run-${shortDigest(name, 12)}`;
  return {
    id: `${PIPELINE}.${shortDigest({ name }, 12)}`,
    project: PROJECT,
    pipeline: PIPELINE,
    slot: `request:${request}`,
    trigger: { kind: "schedule", due: at },
    params: { minDays: 7 },
    asOf: at,
    desired: MAIN,
    base: { commit: MAIN, overlay: [] },
    previous: {},
    startedAt: at,
    because: `its schedule was due at ${at}`,
  };
}

function attemptOf(run: RunRecord, step: string, at: string): AttemptRecord {
  return {
    run: run.id,
    step,
    item: null,
    attempt: 1,
    state: "finished",
    agent: "counter",
    version: "1.0.0",
    agentTree: MAIN,
    key: digestOf({ run: run.id, step }),
    inputs: cite({ run: run.id, step, of: "inputs" }, at),
    outputs: cite({ run: run.id, step, of: "outputs" }, at),
    startedAt: at,
    finishedAt: addMs(at, 400),
    outcome: "succeeded",
    reason: "",
    rung: "command",
    deliverables: [],
    memory: { recalled: [], admitted: [], refused: [] },
    rationale: "",
    costMicros: 0,
    basis: "free",
  };
}

function cite(value: unknown, at: string): Citation {
  return { digest: digestOf(value), month: at.slice(0, 7) };
}

function started(run: RunRecord): Transaction {
  const { id, project, pipeline, trigger, startedAt: at } = run;
  const cursor = { lastDue: at };
  const event = { kind: "run-started", at, project, run: id, pipeline, trigger, cursor } as const;
  return transaction({ event, files: [[runPath(id), run]] });
}

function finished(attempt: AttemptRecord): Transaction {
  const { run, step, item, agent, version, startedAt: at } = attempt;
  return transaction({
    event: {
      kind: "step-finished",
      at,
      project: PROJECT,
      run,
      pipeline: PIPELINE,
      step,
      item,
      attempt: 1,
      agent,
      version,
      outcome: "succeeded",
      reason: "",
      costMicros: 0,
      ms: 400,
      effect: null,
      pending: [],
    },
    files: [[attemptPath(run, attempt, 1), attempt]],
  });
}

function ended(run: RunRecord, attempts: readonly AttemptRecord[], at: string): Transaction {
  const reason = "every step is done";
  const closed: ClosedRun = {
    run,
    result: "succeeded",
    reason,
    endedAt: at,
    costMicros: 0,
    outputs: {},
    attempts: [...attempts],
    gates: [],
  };
  const open = [runPath(run.id), ...attempts.map((one) => attemptPath(run.id, one, 1))];
  return transaction({
    event: {
      kind: "run-finished",
      at,
      project: PROJECT,
      run: run.id,
      pipeline: PIPELINE,
      result: "succeeded",
      reason,
      outputs: {},
      serves: [],
      goal: null,
    },
    files: [[closedRunPath(run.id, at), closed], ...open.map((path) => [path, null] as const)],
  });
}
