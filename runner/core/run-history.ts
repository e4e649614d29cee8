/** A run with everything recorded of it, open or closed: what reports, explanations and attestations read. */
import type { Observed, OpenRun } from "./model.ts";
import type {
  AttemptRecord,
  CheckpointsRecord,
  ChildEnd,
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
  /** What units that are not over have saved. */
  readonly saved: readonly CheckpointsRecord[];
  /** Gates that wait for a person. */
  readonly waiting: readonly GateRecord[];
  /** Runs that its steps wait for or have waited for, as far as they are known. */
  readonly children: readonly ChildRun[];
  /** Null while it is open. */
  readonly end: Pick<ClosedRun, "result" | "reason" | "endedAt"> | null;
}

export interface ChildRun {
  readonly step: string;
  readonly item: string | null;
  readonly run: string;
  /** null while it is open. */
  readonly outcome: ChildEnd["outcome"] | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** The history of a run that goes on; `gates` are all open gates. */
export function historyOfOpen(run: OpenRun, gates: Iterable<GateRecord>): RunHistory {
  const { record, attempts, decisions, waits, checkpoints: saved } = run;
  const waiting = [...gates].filter((gate) => gate.run === record.id);
  return { record, attempts, decisions, waits, saved, waiting, children: [], end: null };
}

export function historyOfClosed(closed: ClosedRun): RunHistory {
  const { result, reason, endedAt } = closed;
  return {
    record: closed.run,
    attempts: closed.attempts,
    decisions: closed.gates,
    waits: closed.waits ?? [],
    saved: [],
    waiting: [],
    children: [],
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
  const all = [...open, ...over.map(historyOfClosed)].toSorted((a, b) =>
    newestFirst(a.record, b.record),
  );
  const known = new Map(all.map((run) => [run.record.id, run]));
  return all.map((run) => {
    const ends = closed.get(run.record.id)?.children ?? [];
    const isWhole = run.end !== null && run.end.result !== "cancelled";
    const children = isWhole ? endsOf(run, ends, known) : startedBy(run, all);
    return children.length === 0 ? run : { ...run, children };
  });
}

/** Of a run that did not come to its end: what it has started. */
function startedBy(parent: RunHistory, all: readonly RunHistory[]): readonly ChildRun[] {
  return all.flatMap(({ record, end }) => {
    const { trigger } = record;
    if (trigger.kind !== "pipeline" || trigger.run !== parent.record.id) return [];
    const isDone = end?.result === "succeeded" || end?.result === "degraded";
    const outcome = end === null ? null : isDone ? ("succeeded" as const) : ("failed" as const);
    const times = { startedAt: record.startedAt, endedAt: end?.endedAt ?? null };
    return [{ step: trigger.step, item: trigger.item, run: record.id, outcome, ...times }];
  });
}

/** An item that another run handled takes no time here. */
function endsOf(
  parent: RunHistory,
  ends: readonly ChildEnd[],
  known: ReadonlyMap<string, RunHistory>,
): readonly ChildRun[] {
  const over = parent.end?.endedAt ?? null;
  return ends.map(({ step, item, run, outcome }) => {
    const own = outcome === "noop" ? undefined : known.get(run);
    const startedAt = own?.record.startedAt ?? over ?? parent.record.startedAt;
    return { step, item, run, outcome, startedAt, endedAt: own?.end?.endedAt ?? over };
  });
}

interface Begun {
  readonly startedAt: string;
}

/** An order of what has begun. */
export function newestFirst(a: Begun, b: Begun): number {
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
    case "memory":
      return `${trigger.records} proposed ${trigger.records === 1 ? "record" : "records"}`;
    case "pipeline":
      return `step ${trigger.step} of ${trigger.run}${trigger.item === null ? "" : `, item ${trigger.item}`}`;
    case "manual":
      return `by hand: ${trigger.by}${trigger.reason === undefined ? "" : `, ${trigger.reason}`}`;
  }
}
