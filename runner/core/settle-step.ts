/** What the end of an attempt means for what comes after it. */
import { addMs } from "./instant.ts";
import { isDone } from "./outcome.ts";
import { isRetryable, retryDelayMs } from "./retry.ts";
import { shownSteps } from "./step-graph.ts";
import type {
  AttemptRecord,
  Deliverable,
  Outcome,
  PendingDelivery,
  Pipeline,
  Receipt,
} from "#runner/schema/types.gen.ts";

/** How an attempt at an external effect ended. */
export interface EffectEnd {
  readonly outcome: Outcome;
  /** From 1. */
  readonly attempt: number;
  /** Attempts in all that the step may take. */
  readonly limit: number;
  /** Something that may have the effect was started. */
  readonly started: boolean;
  /** An earlier attempt under the same intent left no result. */
  readonly resume: boolean;
}

/** null frees the ordinal: the effect has certainly not happened. Doubt that no further attempt can lift is `uncertain`. */
export function receiptState(end: EffectEnd): Receipt["state"] | null {
  const { outcome, started, resume } = end;
  if (isDone(outcome)) return "happened";
  if (!started && !resume) return null;
  if (started && SAYS_NO.has(outcome)) return null;
  return isRetryable(outcome) && end.attempt < end.limit ? "intended" : "uncertain";
}

/** The agent's own word that nothing was done. */
const SAYS_NO: ReadonlySet<Outcome> = new Set(["missing-tool", "missing-data", "auth"]);

/** How an attempt ended, as far as another may follow. */
interface AttemptEnd {
  readonly outcome: Outcome;
  /** From 1. */
  readonly attempt: number;
  readonly at: string;
  /** The provider's word when to come back. */
  readonly retryAfterMs?: number | undefined;
}

/** When the step is tried again, if it may be. */
export function retryPart(end: AttemptEnd): Pick<AttemptRecord, "retryAt"> {
  if (!isRetryable(end.outcome)) return {};
  return { retryAt: addMs(end.at, end.retryAfterMs ?? retryDelayMs(end.attempt)) };
}

/** What an attempt brings: its files, and those of what it remembers. */
interface Brought {
  readonly run: string;
  readonly step: string;
  readonly deliverables: readonly Deliverable[];
  readonly memory: readonly Deliverable[];
}

/** Files that go to main without a question; those that a gate shows first wait for its decision. */
export function pendingFiles(pipeline: Pipeline, brought: Brought): PendingDelivery[] {
  const { run, step, memory } = brought;
  const deliverables = shownSteps(pipeline).has(step) ? [] : brought.deliverables;
  return [
    ...deliverables.map((file) => ({ ...file, run, step, memory: false })),
    ...memory.map((file) => ({ ...file, run, step, memory: true })),
  ];
}
