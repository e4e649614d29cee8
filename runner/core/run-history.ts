/** A run with everything recorded of it, open or closed: what reports, explanations and attestations read. */
import type { Observed, OpenRun } from "./model.ts";
import type {
  AttemptRecord,
  ClosedRun,
  GateDecision,
  GateRecord,
  RunRecord,
  Trigger,
  WaitRecord,
} from "#runner/schema/types.gen.ts";

export interface RunHistory {
  readonly record: RunRecord;
  /** Oldest first. */
  readonly attempts: readonly AttemptRecord[];
  readonly decisions: readonly GateDecision[];
  /** Waits that are over. */
  readonly waits: readonly WaitRecord[];
  /** Gates that wait for a person. */
  readonly waiting: readonly GateRecord[];
  /** Null while it is open. */
  readonly end: Pick<ClosedRun, "result" | "reason" | "endedAt"> | null;
}

/** The history of a run that goes on; `gates` are all open gates. */
export function historyOfOpen(run: OpenRun, gates: Iterable<GateRecord>): RunHistory {
  const { record, attempts, decisions, waits } = run;
  const waiting = [...gates].filter((gate) => gate.run === record.id);
  return { record, attempts, decisions, waits, waiting, end: null };
}

export function historyOfClosed(closed: ClosedRun): RunHistory {
  const { result, reason, endedAt } = closed;
  return {
    record: closed.run,
    attempts: closed.attempts,
    decisions: closed.gates,
    waits: closed.waits ?? [],
    waiting: [],
    end: { result, reason, endedAt },
  };
}

/** Open runs and closed ones, newest first. */
export function historiesOf(
  { runs, gates }: Pick<Observed, "runs" | "gates">,
  closed: ReadonlyMap<string, ClosedRun>,
): readonly RunHistory[] {
  const waiting = [...gates.values()].map(({ record }) => record);
  const open = [...runs.values()].map((run) => historyOfOpen(run, waiting));
  const over = [...closed.values()].filter(({ run }) => !runs.has(run.id));
  return [...open, ...over.map(historyOfClosed)].toSorted(newestFirst);
}

function newestFirst({ record: a }: RunHistory, { record: b }: RunHistory): number {
  return Number(a.startedAt < b.startedAt) - Number(a.startedAt > b.startedAt);
}

/** What started a run and where that can be looked up. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case "goal":
      return `goal ${trigger.goal}, measured by ${trigger.measurement}`;
    case "check":
      return `check of goal ${trigger.goal}`;
    case "schedule":
      return `schedule, due ${trigger.due}`;
    case "changes":
      return "watched files changed";
    case "manual":
      return `by hand: ${trigger.by}${trigger.reason === undefined ? "" : `, ${trigger.reason}`}`;
  }
}
