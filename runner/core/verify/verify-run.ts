/** Attempts and closed runs: one result each, and the sum of what was recorded. */
import { entryOf } from "#runner/core/entry.ts";
import { costOf } from "#runner/core/money/cost.ts";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import { type RuleProblem, wrong } from "./verify-finding.ts";
import type { StateRecord } from "./verify-record.ts";
import type { AttemptRecord, ClosedRun } from "#runner/schema/types.gen.ts";

export function attemptProblems(
  event: EventOf<"effect-intended" | "step-finished">,
  before: StateRecord | undefined,
  after: StateRecord | undefined,
): readonly RuleProblem[] {
  if (after?.kind === "unreadable") return [];
  if (after?.kind !== "attempt") return [wrong("it is missing")];
  if (before?.kind === "attempt" && before.value.state === "finished") {
    return [wrong("it had a result already")];
  }
  const found = attemptFacts(after.value);
  return event.kind === "effect-intended"
    ? differences(found, intendedFacts(event))
    : [...differences(found, finishedFacts(event)), ...costProblems(event, after.value)];
}

function costProblems(
  { costMicros }: EventOf<"step-finished">,
  attempt: AttemptRecord,
): readonly RuleProblem[] {
  if (attempt.costMicros === costMicros) return [];
  const message = `it cost ${attempt.costMicros} micro-dollars, the event says ${costMicros}`;
  return [{ rule: "spend", message }];
}

type Facts = Readonly<Record<string, unknown>>;

function intendedFacts(event: EventOf<"effect-intended">): Facts {
  const { run, step, item, attempt, agent, effect, at } = event;
  return { run, step, item, attempt, agent, effect, state: "intended", startedAt: at };
}

function finishedFacts(event: EventOf<"step-finished">): Facts {
  const { run, step, item, attempt, agent, version, outcome, reason, effect, at } = event;
  const { spent, models } = event;
  return {
    spent,
    models,
    run,
    step,
    item,
    attempt,
    agent,
    version,
    outcome,
    reason,
    effect,
    state: "finished",
    finishedAt: at,
  };
}

/** The effect without the receipt, which only the record holds. */
function attemptFacts(attempt: AttemptRecord): Facts {
  if (attempt.effect === undefined) return { ...attempt, effect: null };
  const { receipt: _, ...effect } = attempt.effect;
  return { ...attempt, effect };
}

/** `open`: every record of the run before it was closed. */
export function closedRunProblems(
  event: EventOf<"run-finished">,
  open: readonly StateRecord[],
  after: StateRecord | undefined,
): readonly RuleProblem[] {
  if (after?.kind === "unreadable") return [];
  if (after?.kind !== "closed-run") return [wrong("it is missing")];
  const closed = after.value;
  const { result, reason, outputs, at, children } = event;
  const differing = differences(
    {
      ...closed,
      attempts: ordered(closed.attempts),
      gates: ordered(closed.gates),
      waits: ordered(closed.waits ?? []),
    },
    { result, reason, outputs, endedAt: at, children, ...openFacts(open) },
  );
  return [...differing, ...parentProblems(event, closed), ...sumProblems(closed)];
}

/** Who waits for the run stands in its trigger since its start. */
function parentProblems(
  { parent }: EventOf<"run-finished">,
  { run: { trigger } }: ClosedRun,
): readonly RuleProblem[] {
  if (trigger.kind !== "pipeline")
    return parent === undefined ? [] : [wrong("no run waits for it")];
  const { kind: _, ...waiting } = trigger;
  const isSame = canonicalJson(parent ?? null) === canonicalJson(waiting);
  return isSame ? [] : [wrong("the run that waits for it is not the one that it began with")];
}

function openFacts(open: readonly StateRecord[]): Facts {
  return {
    run: open.find((record) => record.kind === "run")?.value,
    attempts: ordered(open.flatMap((record) => (record.kind === "attempt" ? [record.value] : []))),
    gates: ordered(open.flatMap((record) => (record.kind === "decision" ? [record.value] : []))),
    waits: ordered(open.flatMap((record) => (record.kind === "wait" ? [record.value] : []))),
  };
}

function ordered(records: readonly object[]): readonly string[] {
  return records.map((record) => canonicalJson(record)).toSorted();
}

function sumProblems({ attempts, costMicros }: ClosedRun): readonly RuleProblem[] {
  const sum = costOf(attempts);
  if (sum === costMicros) return [];
  const message = `its attempts cost ${sum} micro-dollars, the run says ${costMicros}`;
  return [{ rule: "spend", message }];
}

function differences(found: Facts, expected: Facts): readonly RuleProblem[] {
  return Object.entries(expected)
    .filter(
      ([name, value]) =>
        canonicalJson(entryOf(found, name) ?? null) !== canonicalJson(value ?? null),
    )
    .map(([name]) => wrong(`${name} is not what was recorded before or what the event says`));
}
