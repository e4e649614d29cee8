/** A repeated step: which iteration comes next, what it sees of the one before, and when it is over. */
import { evaluateCondition } from "#runner/core/expression/evaluate.ts";
import type { OpenRun } from "./model.ts";
import { isDone } from "./outcome.ts";
import type { Scope } from "./run-scope.ts";
import type { AgentStep, AttemptRecord } from "#runner/schema/types.gen.ts";

/** The iteration that the next attempt belongs to, from 1; undefined for a step that is not repeated. */
export function nextIteration(
  { repeat }: AgentStep,
  last: AttemptRecord | undefined,
): number | undefined {
  if (repeat === undefined) return undefined;
  const current = last?.iteration ?? 1;
  return endsIteration(last) ? current + 1 : current;
}

/** Whether an iteration came to a result; one that failed is tried again, or is the last. */
export function endsIteration(attempt: AttemptRecord | undefined): boolean {
  return attempt !== undefined && attempt.outcome !== null && isDone(attempt.outcome);
}

/** The step's scope with its iteration: of the first one there are no outputs before. */
export function repeatScope(run: OpenRun, step: AgentStep, scope: Scope): Scope {
  if (step.repeat === undefined) return scope;
  const last = run.attempts.findLast((attempt) => attempt.step === step.id);
  return { ...scope, iteration: iterationValue(run, step, nextIteration(step, last) ?? 1) };
}

function iterationValue(run: OpenRun, step: AgentStep, number: number): object {
  const before = run.attempts.findLast(
    (attempt) =>
      attempt.step === step.id && endsIteration(attempt) && iterationOf(attempt) < number,
  );
  return { number, ...(before === undefined ? {} : { outputs: outputsOf(run, before) }) };
}

function iterationOf({ iteration }: AttemptRecord): number {
  return iteration ?? 1;
}

function outputsOf(run: OpenRun, { outputs }: AttemptRecord): unknown {
  return outputs === null ? null : run.values.get(outputs.digest);
}

export type RepeatVerdict =
  | { readonly kind: "over" }
  | { readonly kind: "again" }
  /** It was done as often as it may be. */
  | { readonly kind: "exhausted"; readonly iteration: number; readonly reason: string }
  | {
      readonly kind: "unknown";
      readonly reason: "expression" | "payload-missing";
      readonly why: string;
    };

/** What follows the last attempt of a step, when that came to a result. */
export function repeatVerdict(
  run: OpenRun,
  { step, scope }: { readonly step: AgentStep; readonly scope: Scope },
  last: AttemptRecord,
): RepeatVerdict {
  const { repeat } = step;
  if (repeat === undefined || !endsIteration(last)) return { kind: "over" };
  const outputs = outputsOf(run, last);
  if (outputs === undefined) {
    const why = `the outputs of ${step.id} are not in this clone`;
    return { kind: "unknown", reason: "payload-missing", why };
  }
  const number = iterationOf(last);
  const seen = { ...scope, outputs, iteration: iterationValue(run, step, number) };
  const condition = evaluateCondition(repeat.until, seen);
  if (!condition.ok) return { kind: "unknown", reason: "expression", why: condition.reason };
  if (condition.value) return { kind: "over" };
  if (number < repeat.max) return { kind: "again" };
  return {
    kind: "exhausted",
    iteration: number,
    reason: `not after ${number} iterations: ${repeat.until}`,
  };
}
