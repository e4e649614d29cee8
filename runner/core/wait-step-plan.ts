/** A wait step: how long it lasts, and when it is over. */
import { instantOf } from "#runner/core/time/civil-date.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { waitedSince } from "./earlier-run.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import { readySince } from "./ready-since.ts";
import { addMs, earliest } from "#runner/core/time/instant.ts";
import type { WaitEnd } from "./action.ts";
import type { Scope } from "./run-scope.ts";
import { acting, ended, held, stepHold, type RunContext, type StepPlan } from "./step-plan.ts";
import type { WaitRecord, WaitStep } from "#runner/schema/types.gen.ts";

/** How long it lasts follows from recorded instants alone, so that every runner sees the same end. */
export function planWaitStep(context: RunContext, step: WaitStep, scope: Scope): StepPlan {
  const record = context.run.waits.find((candidate) => candidate.step === step.id);
  if (record !== undefined) return endOf(record);
  const before = step.wait.for === undefined ? undefined : waitedSince(context.run, step.id);
  const since = before ?? readySince(context, step);
  const target = targetOf(step, { since, scope });
  const deadline = step.timeout === undefined ? null : addMs(since, durationMs(step.timeout));
  const until = target.ok ? target.until : null;
  const next = earliest([until, deadline]);
  if (next === null || next > context.now) {
    const why = target.ok ? waitingWords(step, deadline) : target.reason;
    const reason = target.ok ? "waiting" : "expression";
    return held(stepHold(context, step.id, { reason, why, until: next }));
  }
  const isReached = next === until;
  return acting(endAction(context, step, { since, until, isReached }));
}

type Target =
  | { readonly ok: true; readonly until: string }
  | { readonly ok: false; readonly reason: string };

function targetOf(
  { wait }: WaitStep,
  { since, scope }: { readonly since: string; readonly scope: Scope },
): Target {
  if (wait.for !== undefined) return { ok: true, until: addMs(since, durationMs(wait.for)) };
  const value = evaluateValue(`\${{ ${wait.until ?? ""} }}`, scope);
  if (!value.ok) return value;
  const until = typeof value.value === "string" ? instantOf(value.value) : undefined;
  if (until !== undefined) return { ok: true, until };
  const found = JSON.stringify(value.value);
  return { ok: false, reason: `until gives ${found}, no instant such as 2026-11-22T08:00:00Z` };
}

function waitingWords({ wait, timeout }: WaitStep, deadline: string | null): string {
  const what = wait.for === undefined ? `until ${wait.until ?? ""}` : wait.for;
  return deadline === null ? `it waits ${what}` : `it waits ${what}, at most ${timeout ?? ""}`;
}

interface End {
  readonly since: string;
  readonly until: string | null;
  /** The instant has come; otherwise the step has waited for too long. */
  readonly isReached: boolean;
}

function endAction(context: RunContext, step: WaitStep, end: End): WaitEnd {
  const { record } = context.run;
  const { since, until, isReached } = end;
  const what = step.wait.for ?? step.wait.until ?? "";
  const reason = isReached
    ? `it waited ${step.wait.for === undefined ? `until ${what}` : what}`
    : `${what} did not come within ${step.timeout ?? ""}`;
  return {
    kind: "wait-end",
    project: record.project,
    because: reason,
    run: record.id,
    step: step.id,
    since,
    until,
    outcome: isReached ? "succeeded" : "timeout",
    reason,
  };
}

function endOf({ since, until, outcome, reason }: WaitRecord): StepPlan {
  const value = { outcome, since, until };
  const result = outcome === "succeeded" ? "done" : "failed";
  return ended({ result, value, failedItems: 0, reason: `${outcome}: ${reason}` });
}
