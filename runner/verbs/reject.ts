/** `fettle reject`: the next tick closes a gate without what it proposes. */
import { answersIn } from "#runner/core/gate-answer.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import type { Wish } from "#runner/loop/request.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { acting, askFor } from "./acting.ts";
import { findGate, rejectionTold } from "./find-gate.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export async function rejectVerb(
  context: VerbContext,
  { gate: name, reason }: { readonly gate: string; readonly reason: string },
): Promise<Answer> {
  if (reason.trim() === "") return refused("usage", "a rejection needs a reason", REASON_HINT);
  return acting(context, async (engine, seen) => {
    const found = findGate(seen, name);
    if (!found.ok) return found.refusal;
    const answered = answeredBefore(seen, found.record);
    if (answered !== undefined) return answered;
    const who = await expectOperator(engine.repository, operatorsOf(seen.workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    const { id: gate, title } = found.record;
    const wish: Wish = { kind: "reject", gate, reason };
    return askFor({ context, engine, seen }, wish, `"${title}" will be rejected`);
  });
}

const REASON_HINT = 'fettle reject <gate> --reason "why"   the reason is kept with the decision';

/** Why there is nothing to reject any more, and the way back. */
function answeredBefore(seen: Sight, record: GateRecord): Answer | undefined {
  const rejection = rejectionTold(seen, record);
  if (rejection !== undefined) return refused("refused", rejection, "fettle reconcile   does it");
  const answer = answersIn(seen.plan).get(record.id);
  if (answer?.decision !== "approved") return undefined;
  const message = `"${record.title}" is approved already, by ${answer.by}`;
  const hint = `git revert the merge (git log --first-parent main -- ${record.folder} names it), then reject again`;
  return refused("refused", message, hint);
}
