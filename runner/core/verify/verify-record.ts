/** Records of the state branch as `verify` holds them: before a commit, and as the commit changes them. */
import { heldBy } from "#runner/core/closed-run.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { attemptPath, closedRunPath, runPath, waitPath } from "#runner/core/state-path.ts";
import type {
  AttemptRecord,
  CachedResult,
  CheckpointsRecord,
  ClosedRun,
  GateDecision,
  GateRecord,
  HandledRecord,
  PayloadTombstones,
  ReceiptRecord,
  RequestRecord,
  RunnerRecord,
  RunRecord,
  WaitRecord,
} from "#runner/schema/types.gen.ts";

/** `unreadable` was reported where it was read: no rule looks at it again. */
export type StateRecord =
  | { readonly kind: "run"; readonly value: RunRecord }
  | { readonly kind: "attempt"; readonly value: AttemptRecord }
  | { readonly kind: "decision"; readonly value: GateDecision }
  | { readonly kind: "checkpoints"; readonly value: CheckpointsRecord }
  | { readonly kind: "wait"; readonly value: WaitRecord }
  | { readonly kind: "closed-run"; readonly value: ClosedRun }
  | { readonly kind: "gate"; readonly value: GateRecord }
  | { readonly kind: "request"; readonly value: RequestRecord }
  | { readonly kind: "receipt"; readonly value: ReceiptRecord }
  | { readonly kind: "handled"; readonly value: HandledRecord }
  | { readonly kind: "cached"; readonly value: CachedResult }
  | { readonly kind: "runner"; readonly value: RunnerRecord }
  | { readonly kind: "tombstones"; readonly value: PayloadTombstones }
  | { readonly kind: "unreadable" };

/** Folder to path to record; closed runs are left out. */
export type Records = ReadonlyMap<string, ReadonlyMap<string, StateRecord>>;

/** One commit of the state branch. */
export interface StateStep {
  readonly events: readonly LedgerEvent[];
  readonly before: Records;
  /** By path; null = removed. */
  readonly changed: ReadonlyMap<string, StateRecord | null>;
}

/** With what only the closed run holds, because its run ended in the commit that recorded it; by the path it would have had. */
export interface CheckedStep extends StateStep {
  readonly within: ReadonlyMap<string, StateRecord>;
}

export function withinOf(step: StateStep): CheckedStep["within"] {
  const within = new Map<string, StateRecord>();
  step.events.forEach((event, index) => {
    if (event.kind !== "run-finished") return;
    const closed = recordAfter(step, closedRunPath(event.run, event.at));
    if (closed?.kind !== "closed-run") return;
    const held = heldBy(closed.value);
    for (const path of step.events.slice(0, index).flatMap(pathOf)) {
      const record = held.get(path);
      if (record !== undefined) within.set(path, record);
    }
  });
  return within;
}

/** Where the event's record stands while the run is open. */
function pathOf(event: LedgerEvent): readonly string[] {
  if (event.kind === "run-started") return [runPath(event.run)];
  if (event.kind === "step-finished") return [attemptPath(event.run, event, event.attempt)];
  return event.kind === "wait-ended" ? [waitPath(event.run, event.step)] : [];
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

export function recordBefore(step: StateStep, path: string): StateRecord | undefined {
  return step.before.get(folderOf(path))?.get(path);
}

export function recordAfter(step: StateStep, path: string): StateRecord | undefined {
  const changed = step.changed.get(path);
  return changed === undefined ? recordBefore(step, path) : (changed ?? undefined);
}
