/** The newest state as the protocol asks for it, and its answer as transactions. */
import { runsOf } from "#runner/core/event-runs.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { takenFrom } from "#runner/core/lease.ts";
import { attemptPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import { savedIn } from "#runner/loop/step-runner.ts";
import type { Recorded, Tip, TipRun } from "#runner/protocol/rebase.ts";
import type { ReceiptRecord } from "#runner/schema/types.gen.ts";

/** The tip as the transactions concern it. */
export function tipOf(
  pending: readonly Recorded[],
  seen: Observed,
  closed: ReadonlySet<string> | null = null,
): Tip {
  const ids = new Set(pending.flatMap(({ event }) => runsOf(event)));
  const runs = [...ids].flatMap((id): [string, TipRun][] => {
    const run = seen.runs.get(id);
    if (run === undefined) {
      return closed === null || closed.has(id) ? [[id, { state: "closed" }]] : [];
    }
    const attempts = run.attempts.map(
      (attempt) => [attemptPath(id, attempt, attempt.attempt), attempt] as const,
    );
    return [[id, { state: "open", record: run.record, attempts: new Map(attempts) }]];
  });
  const receipts = [...seen.receipts].flatMap(([base, record]) =>
    record === null ? [] : [[base, record] as const],
  );
  return {
    runs: new Map(runs),
    receipts: new Map(receipts),
    requests: new Set(seen.requests.map(({ id }) => id)),
    saved: savedIn(seen),
    projects: new Set(seen.summaries.projects.keys()),
    taken: takenFrom(seen.runners, seen.self),
  };
}

/** A kept transaction with what it changes in observed state: its own, with the receipts that were merged. */
export function asTransaction(kept: Recorded, from: readonly Transaction[]): Transaction {
  const own = from.find(({ event }) => event === kept.event);
  if (own !== undefined && own.files === kept.files) return own;
  if (kept.event.kind === "spend-settled") return transaction({ event: kept.event });
  const receipt = [...kept.files.values()].find(
    (record): record is ReceiptRecord => record !== null && "receipts" in record,
  );
  if (receipt === undefined) throw new Error(`${kept.event.kind} was changed, and has no receipt`);
  if (own?.change.kind === "attempt") {
    return { ...own, files: kept.files, change: { ...own.change, receipt } };
  }
  const change = { kind: "receipt", receipt, request: null } as const;
  return transaction({ event: kept.event, files: [...kept.files], change });
}
