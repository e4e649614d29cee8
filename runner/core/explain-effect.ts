/** What became of an external effect, every time that it was due. */
import { instant, text, type Explanation, type Fact } from "./explanation.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

/** `attempts` are all under this key, newest first. */
export function explainEffect(key: string, attempts: readonly AttemptRecord[]): Explanation {
  const [last] = attempts;
  return {
    title: `effect ${key}`,
    summary: last === undefined ? "" : outcomeOf(last),
    sections: [
      { title: "when it was due", facts: attempts.slice(0, timesShown).flatMap(timeFacts) },
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

function timeFacts(attempt: AttemptRecord): Fact[] {
  const { run, step, item, effect, startedAt } = attempt;
  const place = `${run}/${step}${item === null ? "" : `[${item}]`}`;
  return [
    text(`time ${effect?.ordinal ?? 1}`, `${outcomeOf(attempt)}, in ${place}`),
    ...instant("at", startedAt),
  ];
}

function outcomeOf({ outcome, reason }: AttemptRecord): string {
  const word = outcome ?? "about to happen";
  return reason === "" ? word : `${word}: ${reason}`;
}
