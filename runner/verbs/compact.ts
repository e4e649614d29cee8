/** `fettle compact`: old records leave the tip of the state branch. */
import { compactedWords } from "#runner/core/commit-message.ts";
import { type Compaction, compactionOf, isNothing } from "#runner/core/compaction.ts";
import { NOT_HERE } from "#runner/loop/compact.ts";
import { compactAll, type CompactedAll } from "#runner/loop/compact-all.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { repackAll } from "#runner/repo/repack.ts";
import { counted } from "#runner/report/words.ts";
import { acting } from "./acting.ts";
import { reading, sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function compactVerb(
  context: VerbContext,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Answer> {
  return dryRun
    ? reading(context, (engine) => foretold(context, engine))
    : acting(context, async (engine) => {
        const answer = answerOf(await compactAll(engine, context.signal));
        await repackAll(engine.repository.own);
        return answer;
      });
}

async function foretold(context: VerbContext, engine: Engine): Promise<Answer> {
  const sighted = await sight(context, engine);
  if (!sighted.ok) return sighted.refusal;
  const compaction = compactionOf(sighted.sight.observed.folders, context.look.now);
  const isDone = isNothing(compaction);
  const text = isDone ? NOTHING : `to compact: ${compactedWords(compaction)}\n`;
  return { exit: "ok", text, json: { compactions: isDone ? [] : [compaction] } };
}

const NOTHING = "nothing is old enough to leave the tip of the state\n";

function answerOf(done: CompactedAll): Answer {
  switch (done.kind) {
    case "done":
      return {
        exit: "ok",
        text: toldOf(done.compactions),
        json: { compactions: done.compactions },
      };
    case "not-here":
      return refused("temporary", NOT_HERE.why, NOT_HERE.unblock);
    case "raced":
      return refused("lost", "another runner was faster again and again", "try again");
    case "unpublished": {
      const [why = ""] = done.detail.split("\n");
      return refused(
        "temporary",
        `not published: ${why}`,
        "git fetch origin   says more; then try again",
      );
    }
  }
}

function toldOf(compactions: readonly Compaction[]): string {
  if (compactions.length === 0) return NOTHING;
  const all = ["runs", "hours", "days"] as const;
  const [runs, hours, days] = all.map((part) => compactions.flatMap((one) => [...one[part]]));
  const words = compactedWords({
    runs: runs ?? [],
    hours: hours ?? [],
    days: days ?? [],
    receiptsBefore: null,
  });
  return `compacted ${words}, in ${counted(compactions.length, "commit")}\n`;
}
