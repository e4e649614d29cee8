/** Transactions: building them, and what observed state is after one. */
import { canonicalJson, digestOfBytes } from "./canonical-json.ts";
import { NO_FOLDERS } from "./compaction.ts";
import { foldEvent } from "./fold.ts";
import { isAnsweredByEnd } from "./run-request.ts";
import type { LedgerEvent, PayloadBlob, Transaction } from "./ledger-event.ts";
import type { Observed, OpenRun } from "./model.ts";
import { isOfUnit } from "./checkpoint.ts";
import { isDone } from "./outcome.ts";
import type {
  CheckpointsRecord,
  Citation,
  HandledRecord,
  RunnerRecord,
} from "#runner/schema/types.gen.ts";

/** A payload under construction: values and files that records cite by digest and month. */
export class PayloadDraft {
  readonly blobs: PayloadBlob[] = [];
  readonly values = new Map<string, unknown>();
  readonly #month: string;

  constructor(at: string) {
    this.#month = at.slice(0, 7);
  }

  /** Adds a JSON value; expressions can read it at once. */
  addValue(value: unknown): Citation {
    const citation = this.addBytes(new TextEncoder().encode(canonicalJson(value)));
    this.values.set(citation.digest, value);
    return citation;
  }

  addBytes(content: Uint8Array): Citation {
    const digest = digestOfBytes(content);
    this.blobs.push({ month: this.#month, digest, content });
    return { digest, month: this.#month };
  }
}

interface Parts {
  readonly event: LedgerEvent;
  readonly files?: readonly (readonly [path: string, record: object | null])[];
  readonly texts?: Transaction["texts"];
  readonly payload?: PayloadDraft;
  readonly change?: Transaction["change"];
}

export function transaction({ event, files = [], texts, payload, change }: Parts): Transaction {
  return {
    event,
    files: new Map(files),
    texts: texts ?? new Map(),
    payload: payload?.blobs ?? [],
    values: payload?.values ?? new Map(),
    change: change ?? { kind: "none" },
  };
}

/** Observed state after all of them; results that follow each other are put in together, for a run may hold thousands. */
export function observeTransactions(observed: Observed, done: readonly Transaction[]): Observed {
  let after = observed;
  let results: Transaction[] = [];
  for (const next of done) {
    if (next.change.kind === "attempt") results.push(next);
    else {
      after = observeTransaction(withResults(after, results), next);
      results = [];
    }
  }
  return withResults(after, results);
}

function withResults(observed: Observed, results: readonly Transaction[]): Observed {
  if (results.length === 0) return observed;
  const summaries = results.reduce((sum, { event }) => foldEvent(sum, event), observed.summaries);
  const after = withAttempts({ ...observed, summaries }, results);
  return results.reduce(
    (known, { change }) => (change.kind === "attempt" ? withReceipt(known, change.receipt) : known),
    after,
  );
}

/** Observed state after the transaction, without reading anything again. */
export function observeTransaction(observed: Observed, done: Transaction): Observed {
  const after = { ...observed, summaries: foldEvent(observed.summaries, done.event) };
  const { change } = done;
  switch (change.kind) {
    case "none":
      return after;
    case "run-opened":
      return {
        ...withHandled(after, change.handled),
        runs: new Map(after.runs).set(change.run.record.id, change.run),
        requests: without(after, change.request),
      };
    case "attempt":
      return withReceipt(withAttempts(after, [done]), change.receipt);
    case "checkpoints":
      return withCheckpoints(after, done, change.record);
    case "decision":
      return { ...withDecision(after, done), requests: without(after, change.request) };
    case "wait": {
      const { wait } = change;
      return changedRun(after, wait.run, (run) => ({ ...run, waits: [...run.waits, wait] }));
    }
    case "gate-opened":
    case "gate-noted":
      return {
        ...after,
        gates: new Map(after.gates).set(change.gate.record.id, change.gate),
      };
    case "run-closed":
      return {
        ...withHandled(after, change.handled),
        runs: removed(after.runs, change.run),
        gates: gatesWithout(after, change.run),
        requests: after.requests.filter((request) => !isAnsweredByEnd(request, change.run)),
      };
    case "request":
      return { ...after, requests: without(after, change.request) };
    case "receipt":
      return {
        ...withReceipt(after, change.receipt),
        requests: without(after, change.request),
      };
    case "claim":
      return withClaim(after, change.runner);
    case "compacted":
      return { ...after, folders: NO_FOLDERS };
  }
}

function withClaim(observed: Observed, claim: RunnerRecord): Observed {
  const others = observed.runners.filter(({ runner }) => runner !== claim.runner);
  return { ...observed, runners: [...others, claim] };
}

function without(observed: Observed, request: string | null): Observed["requests"] {
  return request === null
    ? observed.requests
    : observed.requests.filter((candidate) => candidate.id !== request);
}

function removed<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

function gatesWithout(observed: Observed, run: string): Observed["gates"] {
  return new Map([...observed.gates].filter(([, gate]) => gate.record.run !== run));
}

function withAttempts(observed: Observed, done: readonly Transaction[]): Observed {
  const byRun = Map.groupBy(done.filter(isResult), ({ change }) => change.attempt.run);
  return [...byRun].reduce(
    (after, [run, results]) => changedRun(after, run, (before) => withResultsOf(before, results)),
    observed,
  );
}

type Result = Transaction & { readonly change: AttemptChange };

function isResult(done: Transaction): done is Result {
  return done.change.kind === "attempt";
}

/** The newest of each attempt, in the order in which they came. */
function withResultsOf(run: OpenRun, results: readonly Result[]): OpenRun {
  const added = results.map(({ change }) => change.attempt);
  const newest = new Map(added.map((attempt) => [attemptName(attempt), attempt]));
  return {
    ...run,
    attempts: [
      ...run.attempts.filter((attempt) => !newest.has(attemptName(attempt))),
      ...added.filter((attempt) => newest.get(attemptName(attempt)) === attempt),
    ],
    checkpoints:
      run.checkpoints.length === 0
        ? run.checkpoints
        : run.checkpoints.filter(
            (saved) => !added.some((attempt) => isOver(attempt) && isOfUnit(saved, attempt)),
          ),
    values: new Map([...run.values, ...results.flatMap(({ values }) => [...values])]),
  };
}

/** Done, a unit has no next attempt. */
function isOver({ outcome }: AttemptChange["attempt"]): boolean {
  return outcome !== null && isDone(outcome);
}

function withCheckpoints(
  observed: Observed,
  { values }: Transaction,
  record: CheckpointsRecord,
): Observed {
  return changedRun(observed, record.run, (run) => ({
    ...run,
    checkpoints: [...run.checkpoints.filter((other) => !isOfUnit(other, record)), record],
    values: new Map([...run.values, ...values]),
  }));
}

function attemptName({ step, item, attempt }: AttemptChange["attempt"]): string {
  return JSON.stringify([step, item, attempt]);
}

function withDecision(observed: Observed, done: Transaction): Observed {
  const { change } = done;
  if (change.kind !== "decision") return observed;
  const { decision } = change;
  const gates = decision.gate === null ? observed.gates : removed(observed.gates, decision.gate);
  return changedRun({ ...observed, gates }, decision.run, (run) => ({
    ...run,
    decisions: [...run.decisions, decision],
    values: new Map([...run.values, ...done.values]),
  }));
}

function changedRun(observed: Observed, id: string, change: (run: OpenRun) => OpenRun): Observed {
  const run = observed.runs.get(id);
  return run === undefined
    ? observed
    : { ...observed, runs: new Map(observed.runs).set(id, change(run)) };
}

function withHandled(observed: Observed, record: HandledRecord | null): Observed {
  return record === null
    ? observed
    : { ...observed, handled: new Map(observed.handled).set(record.run, record) };
}

type AttemptChange = Extract<Transaction["change"], { kind: "attempt" }>;

function withReceipt(observed: Observed, receipt: AttemptChange["receipt"]): Observed {
  return receipt === null
    ? observed
    : { ...observed, receipts: new Map(observed.receipts).set(receipt.base, receipt) };
}
