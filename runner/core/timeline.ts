/** When the steps of a run began and ended, laid out for pictures: the same numbers for terminal, Mermaid and page. */
import { costOf } from "#runner/core/money/cost.ts";
import { earliest, latest, msBetween } from "#runner/core/time/instant.ts";
import { dueAt } from "./retry.ts";
import type { ChildRun, RunHistory } from "./run-history.ts";
import type {
  AttemptRecord,
  GateDecision,
  GateRecord,
  WaitRecord,
} from "#runner/schema/types.gen.ts";

export type StepStatus =
  | "done"
  | "failed"
  | "uncertain"
  | "running"
  | "waiting"
  | "skipped"
  | "retrying";

export interface TimelineStep {
  readonly step: string;
  readonly status: StepStatus;
  readonly startedAt: string;
  /** Null while it runs or waits. */
  readonly endedAt: string | null;
  readonly ms: number;
  readonly costMicros: number;
  /** Item keys, or null for a step without forEach. */
  readonly items: number | null;
  readonly attempts: number;
  /** Of a repeated step; null for another. */
  readonly iterations: number | null;
  /** What came of it: outcomes with their counts, or the decision. */
  readonly results: readonly Result[];
  /** Why a lower rung gave the result. */
  readonly degraded: string | null;
  readonly bar: Bar;
}

interface Result {
  readonly word: string;
  readonly count: number;
}

/** Columns that a bar takes, at least one. */
interface Bar {
  readonly from: number;
  readonly length: number;
}

export interface Timeline {
  readonly run: string;
  readonly startedAt: string;
  /** End of the run; `now` while it is open. */
  readonly until: string;
  readonly ms: number;
  readonly costMicros: number;
  readonly steps: readonly TimelineStep[];
}

type Span = Omit<TimelineStep, "ms" | "bar">;

/** The run's steps by their start, bars scaled to `columns`. */
export function timelineOf(run: RunHistory, now: string, columns: number): Timeline {
  const { record } = run;
  const spans = [
    ...attemptSpans(run.attempts),
    ...childSpans(run.children),
    ...run.decisions.map((decision) => decisionSpan(decision)),
    ...run.waiting.map((gate) => waitingSpan(gate)),
    ...run.waits.map((wait) => waitSpan(wait)),
  ].toSorted((a, b) => compare(a.startedAt, b.startedAt));
  const startedAt = earliest([record.startedAt, ...spans.map((span) => span.startedAt)]) ?? now;
  const until = run.end?.endedAt ?? now;
  const ms = Math.max(0, msBetween(startedAt, until));
  const toColumn = (instant: string): number =>
    ms === 0 ? 0 : Math.round((clamp(msBetween(startedAt, instant), ms) / ms) * columns);
  const steps = spans.map((span) => {
    const endedAt = span.endedAt ?? until;
    const bar = barBetween(toColumn(span.startedAt), toColumn(endedAt), columns);
    return { ...span, ms: Math.max(0, msBetween(span.startedAt, endedAt)), bar };
  });
  return { run: record.id, startedAt, until, ms, costMicros: costOf(run.attempts), steps };
}

/** A part of at least one column that ends within the picture. */
function barBetween(from: number, to: number, columns: number): Bar {
  const start = Math.max(0, Math.min(from, columns - 1));
  return { from: start, length: Math.max(1, Math.min(to, columns) - start) };
}

function attemptSpans(attempts: readonly AttemptRecord[]): Span[] {
  const bySteps = Map.groupBy(attempts, (attempt) => attempt.step);
  return [...bySteps].map(([step, ofStep]) => stepSpan(step, ofStep));
}

function stepSpan(step: string, attempts: readonly AttemptRecord[]): Span {
  const last = [...lastOfItems(attempts).values()];
  const ends = attempts.map((attempt) => attempt.finishedAt);
  const running = last.some((attempt) => attempt.state === "intended");
  return {
    step,
    status: statusOf(last),
    startedAt: earliest(attempts.map((attempt) => attempt.startedAt)) ?? "",
    endedAt: running ? null : latest(ends),
    costMicros: costOf(attempts),
    items: last.some((attempt) => attempt.item !== null) ? last.length : null,
    attempts: attempts.length,
    iterations: iterationsOf(attempts),
    results: count(last.map((attempt) => attempt.outcome ?? "running")),
    degraded: last.find((attempt) => attempt.degraded !== undefined)?.degraded ?? null,
  };
}

function childSpans(children: readonly ChildRun[]): Span[] {
  const bySteps = Map.groupBy(children, ({ step }) => step);
  return [...bySteps].map(([step, ofStep]) => {
    const isOpen = ofStep.some(({ outcome }) => outcome === null);
    const hasFailed = ofStep.some(({ outcome }) => outcome === "failed");
    return {
      step,
      status: isOpen ? "running" : hasFailed ? "failed" : "done",
      startedAt: earliest(ofStep.map(({ startedAt }) => startedAt)) ?? "",
      endedAt: isOpen ? null : latest(ofStep.map(({ endedAt }) => endedAt)),
      costMicros: 0,
      items: ofStep.some(({ item }) => item !== null) ? ofStep.length : null,
      attempts: ofStep.length,
      iterations: null,
      results: count(ofStep.map(({ outcome }) => outcome ?? "running")),
      degraded: null,
    };
  });
}

function iterationsOf(attempts: readonly AttemptRecord[]): number | null {
  return attempts.reduce<number | null>(
    (most, { iteration }) => (iteration === undefined ? most : Math.max(most ?? 0, iteration)),
    null,
  );
}

/** The newest attempt of each item; the key of a step without items is null. */
export function lastOfItems(attempts: readonly AttemptRecord[]): Map<string | null, AttemptRecord> {
  const last = new Map<string | null, AttemptRecord>();
  for (const attempt of attempts) {
    const known = last.get(attempt.item);
    if (known === undefined || known.attempt <= attempt.attempt) last.set(attempt.item, attempt);
  }
  return last;
}

function statusOf(last: readonly AttemptRecord[]): StepStatus {
  if (last.some((attempt) => attempt.state === "intended")) return "running";
  if (last.some((attempt) => attempt.outcome === "uncertain")) return "uncertain";
  if (last.some((attempt) => dueAt(attempt) !== null)) return "retrying";
  return last.every(({ outcome }) => outcome === "succeeded" || outcome === "noop")
    ? "done"
    : "failed";
}

function decisionSpan(decision: GateDecision): Span {
  return {
    ...plainSpan(decision.step, decision.at),
    status: statusOfDecision[decision.decision],
    endedAt: decision.at,
    results: [{ word: decision.decision, count: 1 }],
  };
}

const statusOfDecision: Readonly<Record<GateDecision["decision"], StepStatus>> = {
  approved: "done",
  "not-asked": "done",
  "not-objected": "done",
  answered: "done",
  defaulted: "done",
  skipped: "skipped",
  rejected: "failed",
  expired: "failed",
  withdrawn: "failed",
  "changes-requested": "failed",
  superseded: "failed",
};

function waitingSpan(gate: GateRecord): Span {
  const results = [{ word: "waits for you", count: 1 }];
  return { ...plainSpan(gate.step, gate.openedAt), status: "waiting", endedAt: null, results };
}

function waitSpan({ step, since, at, outcome }: WaitRecord): Span {
  return {
    ...plainSpan(step, since),
    status: outcome === "succeeded" ? "done" : "failed",
    endedAt: at,
    results: [{ word: outcome === "succeeded" ? "waited" : outcome, count: 1 }],
  };
}

function plainSpan(
  step: string,
  startedAt: string,
): Pick<
  Span,
  "step" | "startedAt" | "costMicros" | "items" | "attempts" | "iterations" | "degraded"
> {
  return {
    step,
    startedAt,
    costMicros: 0,
    items: null,
    attempts: 0,
    iterations: null,
    degraded: null,
  };
}

function count(words: readonly string[]): Result[] {
  const groups = Map.groupBy(words, (word) => word);
  return [...groups].map(([word, same]) => ({ word, count: same.length }));
}

/** Null when none is over. */

function clamp(ms: number, most: number): number {
  return Math.min(Math.max(0, ms), most);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
