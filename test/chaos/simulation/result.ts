/** What comes of a simulated execution. */
import type { StepStart } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { retryPart } from "#runner/core/settle-step.ts";
import { PayloadDraft } from "#runner/core/transaction.ts";
import { blankAttempt, whoOf } from "#runner/loop/blank-attempt.ts";
import { recorded } from "#runner/loop/carry-step.ts";
import type { View } from "#runner/loop/engine.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { PEOPLE } from "./company.ts";

interface End {
  readonly at: string;
  /** As it ended, where it is not said. */
  readonly startedAt?: string;
  /** Its agent was started. */
  readonly started?: boolean;
  readonly outcome: Outcome;
  /** Agents are not deterministic: two executions of one step give different outputs. */
  readonly mark: number;
  /** Micro-dollars. */
  readonly taken: number;
}

export function resultOf(
  view: View,
  start: StepStart,
  { at, outcome, mark, taken, startedAt = at, started = true }: End,
): Transaction {
  const payload = new PayloadDraft(at);
  const spent = { micros: taken, tokens: 0, requests: 0, ms: 0 };
  const ended = { ...start, outcome, at };
  const attempt = {
    ...blankAttempt(view, start, payload),
    ...(start.effect === null ? {} : { effect: { ...start.effect } }),
    ...(start.grantName === undefined ? {} : { spent }),
    ...retryPart(ended, whoOf(view, start).run).record,
    outputs: outcome === "succeeded" ? payload.addValue(outputsOf(start, mark)) : null,
    startedAt,
    finishedAt: at,
    outcome,
  };
  return recorded(view, { action: start, attempt, payload, pending: [], ms: 1, started });
}

function outputsOf({ step, inputs }: StepStart, mark: number): object {
  return step === "find"
    ? { people: PEOPLE.map((name) => ({ name })), mark, turn: inputs["turn"] ?? null }
    : { text: `text ${mark}`, madeFrom: inputs["mark"] ?? null };
}
