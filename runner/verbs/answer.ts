/** `fettle answer`: what the operator knows of an effect that is in doubt. */
import { doubtsIn } from "#runner/core/answer-plan.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { isUndoStep } from "#runner/core/undo-step.ts";
import type { Wish } from "#runner/loop/request.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { findRun } from "./find-run.ts";
import { acting, askFor } from "./acting.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface AnswerOptions {
  /** Its key as it is shown, or the start of it; null lists what is in doubt. */
  readonly effect: string | null;
  readonly happened: boolean | null;
  readonly reason: string | null;
}

type Found = ReturnType<typeof doubtsIn>[number];

export function answerVerb(context: VerbContext, options: AnswerOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const doubts = doubtsIn(seen.observed);
    if (options.effect === null || options.happened === null) return listed(doubts);
    const found = named(doubts, options.effect);
    if (!found.ok) return found.refusal;
    const { project, base, ordinal } = found.doubt;
    const { happened } = options;
    const reason = options.reason ?? "";
    const wish: Wish = { kind: "answer", project, base, ordinal, happened, reason };
    const text = `${countsAs(found.doubt, happened)}${await leftWords(seen, found.doubt, happened)}`;
    return askFor({ context, engine, seen }, wish, text);
  });
}

function countsAs({ onceKey }: Found, happened: boolean): string {
  return happened
    ? `${onceKey} counts as done from now on`
    : `${onceKey} counts as not done: the next run that wants it does it`;
}

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

function listed(doubts: readonly Found[]): Answer {
  const lines = doubts.map(({ onceKey, run, step, reason }) => {
    const answer = `fettle answer ${shellWord(onceKey)}`;
    return `${onceKey}  ${step} of ${run}: ${reason}\n  ${answer} happened\n  ${answer} did-not\n`;
  });
  const text = lines.length === 0 ? "nothing is in doubt\n" : lines.join("");
  return { exit: "ok", text, json: doubts };
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
