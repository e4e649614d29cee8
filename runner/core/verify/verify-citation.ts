/** What a record cites of the payload branches. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { StateRecord } from "./verify-record.ts";
import type {
  AttemptRecord,
  Citation,
  GateDecision,
  GateRecord,
} from "#runner/schema/types.gen.ts";

/** A closed run cites what its open records have cited. */
export function citationsOf(record: StateRecord): readonly Citation[] {
  switch (record.kind) {
    case "attempt":
      return ofAttempt(record.value);
    case "decision":
      return ofItems(record.value);
    case "gate":
      return [...ofItems(record.value), ...record.value.deliverables.map(({ content }) => content)];
    case "closed-run":
      return [...record.value.attempts.flatMap(ofAttempt), ...record.value.gates.flatMap(ofItems)];
    case "checkpoints":
      return Object.values(record.value.checkpoints);
    case "run":
    case "wait":
    case "request":
    case "receipt":
    // Its attempt cites the same; where that is gone, nothing is taken over.
    case "cached":
    case "handled":
    case "runner":
    case "tombstones":
    case "unreadable":
      return [];
  }
}

/** Content that waits for delivery; memory is cited nowhere else. */
export function citationsOfEvent(event: LedgerEvent): readonly Citation[] {
  const isCiting =
    event.kind === "step-finished" ||
    event.kind === "gate-settled" ||
    event.kind === "run-finished";
  return isCiting ? (event.pending ?? []).map(({ content }) => content) : [];
}

function ofAttempt(attempt: AttemptRecord): readonly Citation[] {
  const { inputs, itemInput, outputs, log, deliverables } = attempt;
  const optional = [itemInput, outputs, log].filter(
    (citation) => citation !== undefined && citation !== null,
  );
  return [inputs, ...optional, ...deliverables.map(({ content }) => content)];
}

function ofItems({ items }: Pick<GateDecision | GateRecord, "items">): readonly Citation[] {
  return items.flatMap(({ input, outputs }) => (input === null ? [outputs] : [input, outputs]));
}
