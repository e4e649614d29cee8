/** `fettle reject`: the next tick closes a gate, or all of a briefing, without what was proposed; with --retry it is made anew. */
import { answersIn } from "#runner/core/gate/gate-answer.ts";
import { rejectionOf } from "#runner/core/gate/gate-decision.ts";
import { openSnoozedUntil } from "#runner/core/gate/snooze.ts";
import { whyNotAnew } from "#runner/core/rework.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { Wish } from "#runner/loop/request.ts";
import { counted } from "#runner/report/words.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { acting, askFor, askForAll, type Acting } from "./acting.ts";
import {
  exceptAlone,
  findBriefing,
  findGate,
  rejectionWords,
  strangePlace,
  type Briefing,
} from "./find-gate.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface Rejecting {
  /** A gate, or a briefing. */
  readonly gate: string;
  readonly reason: string;
  /** Numbers of a briefing's gates that stay open. */
  readonly except: readonly number[];
  /** What the gate shows is made anew, with the reason as feedback. */
  readonly retry: boolean;
}

export async function rejectVerb(context: VerbContext, asked: Rejecting): Promise<Answer> {
  const { gate: name, reason, except } = asked;
  if (reason.trim() === "") return refused("usage", "a rejection needs a reason", REASON_HINT);
  return acting(context, async (engine, seen) => {
    const briefing = findBriefing(seen, name);
    if (briefing.kind === "refused") return briefing.refusal;
    if (briefing.kind === "found") {
      return rejectBriefing({ context, engine, seen }, briefing.briefing, asked);
    }
    if (except.length > 0) return exceptAlone(name);
    const found = findGate(seen, name);
    if (!found.ok) return found.refusal;
    const answered = answeredBefore(seen, found.record, asked) ?? (await notOperator(engine, seen));
    if (answered !== undefined) return answered;
    return rejectOne({ context, engine, seen }, found.record, asked);
  });
}

const REASON_HINT = 'fettle reject <gate> --reason "why"   the reason is kept with the decision';

async function rejectOne(
  acts: Acting,
  { id: gate, run, step, title }: GateRecord,
  { reason, retry }: Rejecting,
): Promise<Answer> {
  if (!retry) return askFor(acts, { kind: "reject", gate, reason }, `"${title}" will be rejected`);
  const open = acts.seen.observed.runs.get(run);
  const why = open === undefined ? "its run is not in this clone" : whyNotAnew(open, { step });
  if (why !== null) {
    const hint = `fettle reject ${gate} --reason "…"   rejects it for good`;
    return refused("refused", `"${title}" cannot be made anew: ${why}`, hint);
  }
  const text = `what "${title}" shows will be made anew with your words, and shown by a new gate`;
  return askFor(acts, { kind: "reject", gate, reason, retry }, text);
}

/** What is answered already, or put off, stays as it is. */
async function rejectBriefing(acts: Acting, briefing: Briefing, asked: Rejecting): Promise<Answer> {
  const { reason, except } = asked;
  if (asked.retry) {
    const hint = "fettle gates   tells which gate stands in which briefing";
    return refused("usage", "--retry is about the words for one gate: name it", hint);
  }
  const strange = strangePlace(briefing, except);
  if (strange !== undefined) return strange;
  const facts = { ...acts.seen, now: acts.engine.clock() };
  const meant = briefing.gates.filter(
    (gate) => !except.includes(gate.briefing?.place ?? 0) && openSnoozedUntil(facts, gate) === null,
  );
  const answers = meant.map((gate) => ({ gate, answer: answeredBefore(acts.seen, gate, asked) }));
  const left = answers.flatMap(({ gate, answer }) => (answer === undefined ? [gate] : []));
  if (left.length === 0) return nothingLeft(answers.flatMap(({ answer }) => answer ?? []));
  const stranger = await notOperator(acts.engine, acts.seen);
  if (stranger !== undefined) return stranger;
  const wishes = left.map(({ id: gate }): Wish => ({ kind: "reject", gate, reason }));
  return askForAll(
    acts,
    wishes,
    `${counted(left.length, "gate")} of ${briefing.id} will be rejected`,
  );
}

/** Asked again in the same words it is no mistake. */
function nothingLeft(answers: readonly Answer[]): Answer {
  if (answers.length === 0 || answers.some(({ exit }) => exit !== "ok")) {
    return refused("usage", "nothing is left to reject", "fettle gates");
  }
  const text = answers.map((answer) => answer.text ?? "").join("");
  return { exit: "ok", text, json: answers.map(({ json }) => json) };
}

async function notOperator(engine: Engine, { workspace }: Sight): Promise<Answer | undefined> {
  const who = await expectOperator(engine.repository, operatorsOf(workspace.settings));
  return who.ok ? undefined : refused("refused", who.message, who.hint);
}

/** Why there is nothing to reject any more, and the way back; the same rejection once more is no mistake. */
function answeredBefore(
  seen: Sight,
  record: GateRecord,
  { reason, retry }: Pick<Rejecting, "reason" | "retry">,
): Answer | undefined {
  const before = rejectionOf(seen, record.id);
  if (before !== undefined) {
    const told = rejectionWords(before, record);
    const isSame = before.reason === reason && (before.retry ?? false) === retry;
    if (!isSame) return refused("refused", told, "fettle reconcile   does it");
    return { exit: "ok", text: `${told}\n  fettle reconcile   does it now\n`, json: before };
  }
  const answer = answersIn(seen.plan).get(record.id);
  if (answer?.decision !== "approved") return undefined;
  const message = `"${record.title}" is approved already, by ${answer.by}`;
  const hint = `git revert the merge (git log --first-parent main -- ${record.folder} names it), then reject again`;
  return refused("refused", message, hint);
}
