/** What the end of an attempt means for what comes after it. */
import { isDone } from "./outcome.ts";
import { isRetryable } from "./retry.ts";
import type { Outcome, Receipt } from "#runner/schema/types.gen.ts";

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
