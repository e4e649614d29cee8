/** `fettle retry`: tries a run that has ended once more, as a run of its own. */
import { burialWords } from "#runner/core/payload-tombstones.ts";
import { burialAmong } from "#runner/loop/burials.ts";
import { citationsOf } from "#runner/loop/open-run.ts";
import { retryWish, type RetryAsked } from "#runner/loop/retry-wish.ts";
import type { RetryRequest } from "#runner/schema/types.gen.ts";
import { findRun } from "./find-run.ts";
import { acting, askFor } from "./acting.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface RetryOptions extends RetryAsked {
  /** Its id or the start of it, or its pipeline. */
  readonly run: string;
}

export function retryVerb(context: VerbContext, options: RetryOptions): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const found = await findRun(options.run, seen);
    if (!found.ok) return found.refusal;
    const { run } = found;
    const asked = await retryWish(engine, { ...seen, run }, options);
    if (!asked.ok) return refused(asked.exit, asked.message, asked.hint);
    if (asked.kind === "asked") return askedBefore(asked.request);
    const gone = await burialAmong(seen.files, citationsOf([run]));
    const anew =
      gone === undefined ? "" : `; what it gave was ${burialWords(gone)}: it is done anew`;
    const text = `${run.record.id} will be tried once more${anew}`;
    return askFor({ context, engine, seen }, asked.wish, text);
  });
}

function askedBefore(before: RetryRequest): Answer {
  const text = `${before.run} is to be tried once more already: ${before.by} asked for it\n  fettle reconcile   does it now\n`;
  return { exit: "ok", text, json: before };
}
