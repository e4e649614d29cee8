/** The end of an attempt of which nobody will tell: its lane has gone, or what it told cannot be believed. */
import type { StepStart } from "#runner/core/action.ts";
import { amountOf } from "#runner/core/money/grant-plan.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { effectOutcome } from "#runner/core/outcome.ts";
import { retryPart } from "#runner/core/settle-step.ts";
import { PayloadDraft } from "#runner/core/transaction.ts";
import { blankAttempt, whoOf } from "./blank-attempt.ts";
import { recorded } from "./carry-step.ts";
import type { View } from "./engine.ts";

export interface Loss {
  readonly startedAt: string;
  readonly at: string;
  readonly reason: string;
}

/** It may have done all that it was to do, and have spent all that it was granted. */
export function lostStep(
  view: View,
  action: StepStart,
  { startedAt, at, reason }: Loss,
): Transaction {
  const { run, agent } = whoOf(view, action);
  const { effect, grant } = action;
  const outcome =
    effect === null ? "crashed" : effectOutcome("crashed", agent.manifest.idempotency ?? "none");
  const payload = new PayloadDraft(at);
  const attempt = {
    ...blankAttempt(view, action, payload),
    ...(effect === null ? {} : { effect: { ...effect } }),
    ...retryPart({ ...action, outcome, at }, run).record,
    ...(grant === undefined
      ? {}
      : { spent: amountOf(grant), costMicros: grant.micros, basis: "estimated" as const }),
    startedAt,
    finishedAt: at,
    outcome,
    reason,
  };
  return recorded(view, { action, attempt, payload, pending: [], ms: 0, started: true });
}
