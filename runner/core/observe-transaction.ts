/** What observed state is after transactions, without reading anything again. */
import { isOfUnit } from "./checkpoint.ts";
import { NO_FOLDERS } from "./compaction.ts";
import { foldEvents } from "#runner/core/fold/fold.ts";
import { isLanesEnd } from "./lease.ts";
import type { Transaction } from "./ledger-event.ts";
import { MapDraft } from "./map-draft.ts";
import type { Observed, ObservedGate, OpenRun } from "./model.ts";
import { isDone } from "./outcome.ts";
import { isAnsweredByEnd } from "./run-request.ts";
import type { AttemptRecord, HandledRecord, ReceiptRecord } from "#runner/schema/types.gen.ts";

/** Observed state after all of them, in order; what a thousand of them change is copied once. */
export function observeTransactions(observed: Observed, done: readonly Transaction[]): Observed {
  if (done.length === 0) return observed;
  const draft = new ObservedDraft(observed);
  for (const transaction of done) draft.take(transaction);
  const events = done.map(({ event }) => event);
  return { ...observed, summaries: foldEvents(observed.summaries, events), ...draft.done() };
}

type Changed = Pick<
  Observed,
  "runs" | "gates" | "receipts" | "handled" | "requests" | "runners" | "folders" | "payload"
>;
type Change<Kind extends Transaction["change"]["kind"]> = Extract<
  Transaction["change"],
  { kind: Kind }
>;
type Values = Transaction["values"];

interface Result {
  readonly attempt: AttemptRecord;
  readonly values: Values;
}

class ObservedDraft {
  readonly #runs: MapDraft<OpenRun>;
  readonly #gates: MapDraft<ObservedGate>;
  readonly #receipts: MapDraft<ReceiptRecord | null>;
  readonly #handled: MapDraft<HandledRecord | null>;
  /** Put into their run together, which may hold thousands. */
  readonly #results = new Map<string, Result[]>();
  readonly #answered = new Set<string>();
  readonly #closed = new Set<string>();
  #requests: Observed["requests"];
  #runners: Observed["runners"];
  #folders: Observed["folders"];
  #payload: Observed["payload"];

  constructor(observed: Observed) {
    this.#runs = new MapDraft(observed.runs);
    this.#gates = new MapDraft(observed.gates);
    this.#receipts = new MapDraft(observed.receipts);
    this.#handled = new MapDraft(observed.handled);
    this.#requests = observed.requests;
    this.#runners = observed.runners;
    this.#folders = observed.folders;
    this.#payload = observed.payload;
  }

  done(): Changed {
    for (const run of this.#results.keys()) this.#putResults(run);
    if (this.#closed.size > 0) this.#dropGates();
    if (this.#closed.size + this.#answered.size > 0) this.#dropRequests();
    return {
      runs: this.#runs.done(),
      gates: this.#gates.done(),
      receipts: this.#receipts.done(),
      handled: this.#handled.done(),
      requests: this.#requests,
      runners: this.#runners,
      folders: this.#folders,
      payload: this.#payload,
    };
  }

  take({ change, values }: Transaction): void {
    switch (change.kind) {
      case "none":
        return;
      case "run-opened":
        return this.#open(change);
      case "attempt":
        return this.#addResult(change, values);
      case "checkpoints":
        return this.#save(change, values);
      case "decision":
        return this.#decide(change, values);
      case "wait":
        return this.#change(change.wait.run, (run) => ({
          ...run,
          waits: [...run.waits, change.wait],
        }));
      case "gate-opened":
      case "gate-noted":
        return this.#gates.set(change.gate.record.id, change.gate);
      case "run-closed":
        return this.#close(change);
      case "request":
        return this.#answer(change.request);
      case "requested":
        this.#requests = [...this.#requests, change.record];
        return;
      case "receipt":
        this.#receipts.set(change.receipt.base, change.receipt);
        return this.#answer(change.request);
      case "claim":
        return this.#claim(change);
      case "compacted":
        this.#folders = NO_FOLDERS;
        return;
      case "payload-dropped":
        return this.#dropPayload(change);
    }
  }

  #dropPayload({ month, head }: Change<"payload-dropped">): void {
    const others = [...this.#payload].filter(([other]) => other !== month);
    this.#payload = new Map(head === null ? others : [...others, [month, head]]);
  }

  #open({ run, request, handled }: Change<"run-opened">): void {
    this.#runs.set(run.record.id, run);
    this.#handle(handled);
    this.#answer(request);
  }

  #close({ run, handled }: Change<"run-closed">): void {
    this.#results.delete(run);
    this.#runs.delete(run);
    this.#closed.add(run);
    this.#handle(handled);
  }

  #addResult({ attempt, receipt }: Change<"attempt">, values: Values): void {
    const before = this.#results.get(attempt.run) ?? [];
    before.push({ attempt, values });
    this.#results.set(attempt.run, before);
    if (receipt !== null) this.#receipts.set(receipt.base, receipt);
  }

  #save({ record }: Change<"checkpoints">, values: Values): void {
    this.#change(record.run, (run) => ({
      ...run,
      checkpoints: [...run.checkpoints.filter((other) => !isOfUnit(other, record)), record],
      values: withValues(run, [values]),
    }));
  }

  #decide({ decision, request }: Change<"decision">, values: Values): void {
    if (decision.gate !== null) this.#gates.delete(decision.gate);
    this.#change(decision.run, (run) => ({
      ...run,
      decisions: [...run.decisions, decision],
      values: withValues(run, [values]),
    }));
    this.#answer(request);
  }

  #claim({ runner: claim }: Change<"claim">): void {
    const others = this.#runners.filter(({ runner }) => runner !== claim.runner);
    this.#runners = isLanesEnd(claim) ? others : [...others, claim];
  }

  #answer(request: string | null): void {
    if (request !== null) this.#answered.add(request);
  }

  #handle(record: HandledRecord | null): void {
    if (record !== null) this.#handled.set(record.run, record);
  }

  /** After the results that came before. */
  #change(id: string, change: (run: OpenRun) => OpenRun): void {
    this.#putResults(id);
    const run = this.#runs.get(id);
    if (run !== undefined) this.#runs.set(id, change(run));
  }

  #putResults(id: string): void {
    const results = this.#results.get(id);
    const run = this.#runs.get(id);
    this.#results.delete(id);
    if (results !== undefined && run !== undefined) this.#runs.set(id, withResults(run, results));
  }

  #dropGates(): void {
    for (const [id, { record }] of this.#gates.done()) {
      if (this.#closed.has(record.run)) this.#gates.delete(id);
    }
  }

  #dropRequests(): void {
    this.#requests = this.#requests.filter(
      (request) =>
        !this.#answered.has(request.id) &&
        ![...this.#closed].some((run) => isAnsweredByEnd(request, run)),
    );
  }
}

/** The newest of each attempt, in the order in which they came. */
function withResults(run: OpenRun, results: readonly Result[]): OpenRun {
  const added = results.map(({ attempt }) => attempt);
  const newest = new Map(added.map((attempt) => [attemptName(attempt), attempt]));
  const items = new Set(added.map(({ item }) => item));
  const isOld = (attempt: AttemptRecord): boolean =>
    items.has(attempt.item) && newest.has(attemptName(attempt));
  return {
    ...run,
    attempts: [
      ...run.attempts.filter((attempt) => !isOld(attempt)),
      ...added.filter((attempt) => newest.get(attemptName(attempt)) === attempt),
    ],
    checkpoints:
      run.checkpoints.length === 0
        ? run.checkpoints
        : run.checkpoints.filter(
            (saved) => !added.some((attempt) => isOver(attempt) && isOfUnit(saved, attempt)),
          ),
    values: withValues(
      run,
      results.map(({ values }) => values),
    ),
  };
}

/** A copy of a whole map is made at once; one of its entries would be made entry by entry. */
function withValues({ values }: OpenRun, added: readonly Values[]): OpenRun["values"] {
  const after = new Map(values);
  for (const some of added) for (const [digest, value] of some) after.set(digest, value);
  return after;
}

/** Done, a unit has no next attempt. */
function isOver({ outcome }: AttemptRecord): boolean {
  return outcome !== null && isDone(outcome);
}

function attemptName({ step, item, attempt }: AttemptRecord): string {
  return JSON.stringify([step, item, attempt]);
}
