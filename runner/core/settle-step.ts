/** What the end of an attempt means for what comes after it. */
import { isDone } from "./outcome.ts";
import type { OpenRun } from "./model.ts";
import { afterAttempt, isRetryable, retryPolicy, type EndedAttempt } from "./retry.ts";
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
  /** Another attempt follows. */
  readonly again: boolean;
  /** Something that may have the effect was started. */
  readonly started: boolean;
  /** An earlier attempt under the same intent left no result. */
  readonly resume: boolean;
}

/** null frees the ordinal: the effect has certainly not happened. Doubt that no further attempt can lift is `uncertain`. */
export function receiptState(end: EffectEnd): Receipt["state"] | null {
  const { outcome, started, resume } = end;
  if (isDone(outcome)) return "happened";
  // Who could do nothing did not look whether an earlier attempt had the effect.
  if (!resume && (!started || SAYS_NO.has(outcome))) return null;
  return end.again ? "intended" : "uncertain";
}

/** The agent's own word that nothing was done. */
const SAYS_NO: ReadonlySet<Outcome> = new Set([
  "missing-tool",
  "missing-data",
  "auth",
  "rate-limited",
]);

/** What the record of an attempt says of what follows it. */
export function retryPart(
  ended: EndedAttempt,
  run: Pick<OpenRun, "pipeline" | "attempts">,
): { readonly record: Pick<AttemptRecord, "retryAt" | "resumeAt">; readonly why: string } {
  if (!isRetryable(ended.outcome)) return { record: {}, why: "" };
  const { step, item, attempt, iteration } = ended;
  const before = run.attempts.filter(
    (other) =>
      other.step === step &&
      other.item === item &&
      other.iteration === iteration &&
      other.attempt < attempt,
  );
  const after = afterAttempt(ended, before, retryPolicy(run.pipeline, step));
  switch (after.kind) {
    case "again":
      return { record: { retryAt: after.retryAt }, why: "" };
    case "parked":
      return { record: { resumeAt: after.resumeAt }, why: "" };
    case "over":
      return { record: {}, why: after.why };
  }
}

/** What an attempt brings: its files, and those of what it remembers. */
interface Brought {
  readonly run: string;
  readonly step: string;
  readonly deliverables: readonly Deliverable[];
  readonly memory: readonly MemoryFile[];
}

/** The file of a record; `asks`: an operator decides first. */
export type MemoryFile = Deliverable & Pick<PendingDelivery, "asks">;

/** Files that go to main without a question; those that a gate shows first wait for its decision. */
export function pendingFiles(pipeline: Pipeline, brought: Brought): PendingDelivery[] {
  const { run, step, memory } = brought;
  const deliverables = shownSteps(pipeline).has(step) ? [] : brought.deliverables;
  return [
    ...deliverables.map((file) => pendingFile(file, { run, step, memory: false })),
    ...memory.map((file) => ({
      ...pendingFile(file, { run, step, memory: true }),
      ...(file.asks === undefined ? {} : { asks: file.asks }),
    })),
  ];
}

export function pendingFile(
  { path, content, blob, was, bytes }: Deliverable,
  made: Pick<PendingDelivery, "run" | "step" | "memory">,
): PendingDelivery {
  return { path, content, blob, was, bytes, ...made };
}
