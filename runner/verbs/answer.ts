/** `fettle answer`: what the operator answers to a question, or knows of an effect that is in doubt. */
import { answerBefore, doubtsIn } from "#runner/core/answer-plan.ts";
import { assentCommand } from "#runner/core/gate/gate-command.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { isUndoStep } from "#runner/core/undo/undo-step.ts";
import type { Wish } from "#runner/loop/request.ts";
import type { AnswerRequest, ClosedRun, GateRecord } from "#runner/schema/types.gen.ts";
import {
  answerQuestion,
  findQuestion,
  type Given,
  isGiven,
  noQuestion,
  openQuestions,
} from "./answer-question.ts";
import { findRun } from "./find-run.ts";
import { acting, askFor } from "./acting.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface AnswerOptions extends Given {
  /** A question's gate, or an effect's key, as it is shown, or the start of it; null lists both. */
  readonly thing: string | null;
  readonly happened: boolean | null;
  readonly reason: string | null;
}

type Found = ReturnType<typeof doubtsIn>[number];

export function answerVerb(context: VerbContext, options: AnswerOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const doubts = doubtsIn(seen.observed);
    const { thing, happened } = options;
    if (thing === null) return listed(doubts, openQuestions(seen));
    if (happened === null) {
      const gate = findQuestion(seen, thing);
      if (gate !== undefined) return answerQuestion(engine, seen, { gate, given: options });
      return isGiven(options) ? noQuestion(seen, thing) : listed(doubts, openQuestions(seen));
    }
    if (isGiven(options)) return refused("usage", BOTH, "fettle answer --help");
    const found = named(doubts, thing);
    if (!found.ok) return found.refusal;
    const before = answerBefore(seen.observed, found.doubt);
    if (before !== undefined) return saidBefore(found.doubt, before, happened);
    const { project, base, ordinal, since } = found.doubt;
    const reason = options.reason ?? "";
    const wish: Wish = { kind: "answer", project, base, ordinal, since, happened, reason };
    const text = `${countsAs(found.doubt, happened)}${await leftWords(seen, found.doubt, happened)}`;
    return askFor({ context, engine, seen }, wish, text);
  });
}

const BOTH = "an effect happened or did not; fields are for a question";

function countsAs({ onceKey }: Found, happened: boolean): string {
  return happened
    ? `${onceKey} counts as done from now on`
    : `${onceKey} counts as not done: the next run that wants it does it`;
}

/** Of two that say different things the next tick could believe either. */
function saidBefore({ onceKey }: Found, before: AnswerRequest, happened: boolean): Answer {
  const said = before.happened ? "happened" : "did not happen";
  const message = `${onceKey} is answered already: ${before.by} says that it ${said}`;
  if (before.happened !== happened) return refused("refused", message, DOES_IT);
  return { exit: "ok", text: `${message}\n  ${DOES_IT}\n`, json: before };
}

const DOES_IT = "fettle reconcile   does it now";

/** A run that has undone what it did, and is over, does not come back for this. */
async function leftWords(
  seen: Sight,
  { run, step, onceKey }: Found,
  happened: boolean,
): Promise<string> {
  // What happened is undone no more by an undoing that did not.
  if (happened === isUndoStep(step)) return "";
  const found = await findRun(run, seen);
  if (!found.ok || found.run.end === null || !isLost(found.run.end.result)) return "";
  const undone = found.run.record.undoes?.run ?? run;
  const end = `${run} is over (${found.run.end.result})`;
  return `\n  not undone: ${onceKey}, ${end}\n  fettle undo ${undone}   then says what can be undone, and with --yes undoes it`;
}

function isLost(result: ClosedRun["result"]): boolean {
  return result !== "succeeded" && result !== "degraded";
}

function listed(doubts: readonly Found[], questions: readonly GateRecord[]): Answer {
  const asked = questions.map(
    (gate) => `${gate.id}  ${gate.title}\n  fettle answer ${gate.id}\n  ${assentCommand(gate)}\n`,
  );
  const lines = doubts.map(({ onceKey, run, step, reason }) => {
    const answer = `fettle answer ${shellWord(onceKey)}`;
    return `${onceKey}  ${step} of ${run}: ${reason}\n  ${answer} happened\n  ${answer} did-not\n`;
  });
  const all = [...asked, ...lines];
  const text = all.length === 0 ? "nothing is asked and nothing is in doubt\n" : all.join("");
  return { exit: "ok", text, json: [...questions, ...doubts] };
}

type Named =
  | { readonly ok: true; readonly doubt: Found }
  | { readonly ok: false; readonly refusal: Answer };

function named(doubts: readonly Found[], name: string): Named {
  const exact = doubts.filter(({ onceKey }) => onceKey === name);
  const found = exact.length > 0 ? exact : doubts.filter(({ onceKey }) => onceKey.startsWith(name));
  const [only] = found;
  if (only !== undefined && found.length === 1) return { ok: true, doubt: only };
  const message =
    found.length === 0 ? `no effect ${name} is in doubt` : `${name} may be any of several effects`;
  const hint =
    found.length === 0
      ? "fettle answer   lists what is in doubt"
      : `write one of ${found.map(({ onceKey }) => onceKey).join(", ")}`;
  return { ok: false, refusal: refused("usage", message, hint) };
}
