/** What became of an external effect, every time that it was due. */
import { undoBase } from "#runner/core/effect.ts";
import {
  instant,
  text,
  type Explanation,
  type Fact,
  type Known,
} from "#runner/core/explanation.ts";
import { doubtWords, leftDoubt } from "#runner/core/left-doubt.ts";
import { isDone } from "#runner/core/outcome.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

interface Attempts {
  /** Under this key, newest first. */
  readonly same: readonly AttemptRecord[];
  /** Those of any effect. */
  readonly all: readonly AttemptRecord[];
}

export function explainEffect(key: string, { same, all }: Attempts, known: Known): Explanation {
  const [last] = same;
  const times = same
    .slice(0, timesShown)
    .flatMap((attempt) => timeFacts(attempt, undoingOf(attempt, all), known));
  return {
    title: `effect ${key}`,
    summary: last === undefined ? "" : outcomeOf(last, undoingOf(last, all), known),
    sections: [
      { title: "when it was due", facts: times },
      { title: "what is next", facts: last === undefined ? [] : nextOf(last, known) },
    ],
  };
}

const timesShown = 5;

function nextOf(last: AttemptRecord, known: Known): Fact[] {
  return [
    ...doubtFacts([last], known),
    { kind: "command", label: "more", words: ["fettle", "explain", last.run] },
  ];
}

/** What the operator can say of effects of which nobody knows whether they happened. */
export function doubtFacts(attempts: readonly AttemptRecord[], known: Known): Fact[] {
  const open = attempts.filter((attempt) => leftDoubt(attempt, known).kind === "open");
  const keys = new Set(open.flatMap(({ effect }) => effect?.onceKey ?? []));
  return [...keys].flatMap((key) => [
    answerFact("if it happened", key, "happened"),
    answerFact("if it did not", key, "did-not"),
  ]);
}

function answerFact(label: string, key: string, answer: string): Fact {
  return { kind: "command", label, words: ["fettle", "answer", key, answer] };
}

/** The newest attempt at undoing what this one did. */
function undoingOf(
  { effect }: AttemptRecord,
  all: readonly AttemptRecord[],
): AttemptRecord | undefined {
  if (effect === undefined) return undefined;
  const base = undoBase(effect);
  return all.find((other) => other.effect?.base === base);
}

function timeFacts(
  attempt: AttemptRecord,
  undoing: AttemptRecord | undefined,
  known: Known,
): Fact[] {
  const { effect, startedAt } = attempt;
  const outcome = outcomeOf(attempt, undoing, known);
  return [
    text(`time ${effect?.ordinal ?? 1}`, `${outcome}, in ${placeOf(attempt)}`),
    ...instant("at", startedAt),
    ...(undoing === undefined
      ? []
      : [text("undoing", `${outcomeOf(undoing, undefined, known)}, in ${placeOf(undoing)}`)]),
  ];
}

function placeOf({ run, step, item }: AttemptRecord): string {
  return `${run}/${step}${item === null ? "" : `[${item}]`}`;
}

function outcomeOf(
  attempt: AttemptRecord,
  undoing: AttemptRecord | undefined,
  known: Known,
): string {
  const { outcome, reason } = attempt;
  const word = outcome ?? "about to happen";
  const isUndone = undoing !== undefined && isDone(undoing.outcome ?? "crashed");
  const since = doubtWords(leftDoubt(attempt, known));
  return `${word}${reason === "" ? "" : `: ${reason}`}${since}${isUndone ? "; undone afterwards" : ""}`;
}
