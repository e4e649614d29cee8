/** `fettle memory purge`: what was forgotten leaves the history of main, too. */
import { operatorsOf } from "#runner/core/operator.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import { purgeHistory, purgeOf, type Purge } from "#runner/loop/purge-history.ts";
import { renderPurge, renderPurgeCheck } from "#runner/report/purge-text.ts";
import { acting } from "./acting.ts";
import { looking } from "./looking.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface PurgeOptions {
  readonly yes: boolean;
  readonly check: boolean;
  readonly reason: string | null;
}

export function memoryPurgeVerb(context: VerbContext, options: PurgeOptions): Promise<Answer> {
  if (!options.yes) {
    return looking(context, async ({ workspace }, engine) => {
      const purge = await purgeOf(engine, workspace.commit);
      return options.check ? checked(context, purge) : told(context, purge);
    });
  }
  const { reason } = options;
  if (reason === null) {
    const hint = '--reason "they asked to"   stays on record; nothing of what was said does';
    return Promise.resolve(refused("usage", "why?", hint));
  }
  return acting(context, async (engine, sight) => {
    const who = await expectOperator(engine.repository, operatorsOf(sight.workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    const { commit: main } = sight.workspace;
    const purge = await purgeOf(engine, main);
    const why = whyNot(sight, purge) ?? whyNotHere(engine.repository);
    if (why !== null) return why;
    if (purge.onMain.length + purge.kept.length === 0) return told(context, purge);
    const by = who.operator.email;
    const purging = { purge, main, by, reason, observed: sight.observed };
    const done = await purgeHistory(engine, purging, context.signal);
    if (!done.ok) {
      const hint = "nothing was moved; where the origin refuses force, allow it for this once";
      return refused(done.exit, done.detail, hint);
    }
    const text = renderPurge({ ...purge, done }, context.look);
    return { exit: "ok", text, json: { ...jsonOf(purge), ...done } };
  });
}

function told(context: VerbContext, purge: Purge): Answer {
  const text = renderPurge({ ...purge, done: null }, context.look);
  return { exit: "ok", text, json: jsonOf(purge) };
}

/** Exit 1 as long as one of them can be had here. */
function checked(context: VerbContext, purge: Purge): Answer {
  const isGone = purge.stored.length === 0;
  const text = renderPurgeCheck(purge, context.look);
  return { exit: isGone ? "ok" : "failed", text, json: jsonOf(purge) };
}

function jsonOf({ blobs, ...found }: Purge): object {
  return { blobs: [...blobs].toSorted(), ...found };
}

/** What still builds on the old history would hold it, or be lost with it. */
function whyNot({ observed }: Sight, { others }: Purge): Answer | null {
  const [run] = observed.runs.keys();
  if (run !== undefined) {
    const hint = `let it end, or: fettle cancel ${run}`;
    return refused("refused", `run ${run} is open and builds on main as it is`, hint);
  }
  const [ref] = others;
  if (ref === undefined) return null;
  const hint = `git branch -D, git tag -d or git stash drop, for each: ${others.join(", ")}`;
  return refused("refused", `${ref} holds it too, and would go on holding it`, hint);
}

function whyNotHere({
  shallow,
  partial,
}: {
  readonly shallow: boolean;
  readonly partial: boolean;
}): Answer | null {
  if (!shallow && !partial) return null;
  return refused(
    "refused",
    "this clone does not hold all of main's history",
    "do it in a full clone",
  );
}
