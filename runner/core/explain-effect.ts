/** What became of an external effect, every time that it was due. */
import { undoBase } from "./effect.ts";
import { instant, text, type Explanation, type Fact } from "./explanation.ts";
import { isDone } from "./outcome.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

/** `attempts` are all under this key, newest first; `all` are those of any effect. */
export function explainEffect(
  key: string,
  attempts: readonly AttemptRecord[],
  all: readonly AttemptRecord[],
): Explanation {
  const [last] = attempts;
  return {
    title: `effect ${key}`,
    summary: last === undefined ? "" : outcomeOf(last, undoingOf(last, all)),
    sections: [
      {
        title: "when it was due",
        facts: attempts
          .slice(0, timesShown)
          .flatMap((attempt) => timeFacts(attempt, undoingOf(attempt, all))),
      },
      {
        title: "what is next",
        facts:
          last === undefined
            ? []
            : [{ kind: "command", label: "more", words: ["fettle", "explain", last.run] }],
      },
    ],
  };
}

const timesShown = 5;

/** The newest attempt at undoing what this one did. */
function undoingOf(
  { effect }: AttemptRecord,
  all: readonly AttemptRecord[],
): AttemptRecord | undefined {
  if (effect === undefined) return undefined;
  const base = undoBase(effect);
  return all.find((other) => other.effect?.base === base);
}

function timeFacts(attempt: AttemptRecord, undoing: AttemptRecord | undefined): Fact[] {
  const { effect, startedAt } = attempt;
  return [
    text(`time ${effect?.ordinal ?? 1}`, `${outcomeOf(attempt, undoing)}, in ${placeOf(attempt)}`),
    ...instant("at", startedAt),
    ...(undoing === undefined
      ? []
      : [text("undoing", `${outcomeOf(undoing, undefined)}, in ${placeOf(undoing)}`)]),
  ];
}

function placeOf({ run, step, item }: AttemptRecord): string {
  return `${run}/${step}${item === null ? "" : `[${item}]`}`;
}

function outcomeOf({ outcome, reason }: AttemptRecord, undoing: AttemptRecord | undefined): string {
  const word = outcome ?? "about to happen";
  const isUndone = undoing !== undefined && isDone(undoing.outcome ?? "crashed");
  return `${word}${reason === "" ? "" : `: ${reason}`}${isUndone ? "; undone afterwards" : ""}`;
}
