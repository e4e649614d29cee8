/** `fettle compact`: old records leave the tip of the state branch. */
import type { Hold } from "#runner/core/action.ts";
import { compactedWords } from "#runner/core/commit-message.ts";
import { type Compaction, compactionOf, isNothing } from "#runner/core/compaction.ts";
import { NOT_HERE } from "#runner/loop/compact.ts";
import { compactAll, type CompactedAll } from "#runner/loop/compact-all.ts";
import { dropAll, dropsOf, type DroppedAll } from "#runner/loop/drop-all.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { repackAll } from "#runner/repo/repack.ts";
import { counted } from "#runner/report/words.ts";
import { acting } from "./acting.ts";
import { reading, sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function compactVerb(
  context: VerbContext,
  { dryRun, allowLarge }: { readonly dryRun: boolean; readonly allowLarge: boolean },
): Promise<Answer> {
  if (dryRun) return reading(context, (engine) => foretold(context, engine, allowLarge));
  return acting(context, async (engine, { workspace }) => {
    const compacted = answerOf(await compactAll(engine, context.signal));
    const { retention } = workspace.settings;
    const answer =
      compacted.exit === "ok"
        ? withDrops(compacted, await dropAll(engine, { retention, allowLarge }, context.signal))
        : compacted;
    await repackAll(engine.repository.own);
    return answer;
  });
}

/** What was folded, and which months went. */
function withDrops(compacted: Answer, done: DroppedAll): Answer {
  if (done.kind !== "done") return notDone(done);
  const { months, holds } = done;
  const words =
    months.length === 0 ? "" : `dropped the inputs and outputs of ${months.join(", ")}\n`;
  const text = `${compacted.text ?? ""}${words}${heldText(holds)}`;
  return {
    ...compacted,
    text,
    json: { ...objectOf(compacted.json), dropped: months, held: holds },
  };
}

function objectOf(json: unknown): object {
  return typeof json === "object" && json !== null ? json : {};
}

function heldText(holds: readonly Hold[]): string {
  return holds.map(({ why, unblock }) => `held: ${why}\n  ${unblock}\n`).join("");
}

async function foretold(
  context: VerbContext,
  engine: Engine,
  allowLarge: boolean,
): Promise<Answer> {
  const sighted = await sight(context, engine);
  if (!sighted.ok) return sighted.refusal;
  const compaction = compactionOf(sighted.sight.observed.folders, context.look.now);
  const isDone = isNothing(compaction);
  const { retention } = sighted.sight.workspace.settings;
  const { actions, holds } = await dropsOf(engine, { retention, allowLarge });
  const months = actions.map(({ month }) => month);
  const drops = months.length === 0 ? "" : `to drop: inputs and outputs of ${months.join(", ")}\n`;
  const folds = isDone ? NOTHING : `to compact: ${compactedWords(compaction)}\n`;
  const json = { compactions: isDone ? [] : [compaction], dropped: months, held: holds };
  return { exit: "ok", text: `${folds}${drops}${heldText(holds)}`, json };
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
    case "unpublished":
      return notDone(done);
  }
}

function notDone(done: Exclude<DroppedAll, { kind: "done" }>): Answer {
  if (done.kind === "raced") {
    return refused("lost", "another runner was faster again and again", "try again");
  }
  const [why = ""] = done.detail.split("\n");
  const hint = "git fetch origin   says more; then try again";
  return refused("temporary", `not published: ${why}`, hint);
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
