/** `fettle gates`: what is open, what is queued, in which order and why. */
import { answersIn } from "#runner/core/gate/gate-answer.ts";
import { reviewsADay, reviewsLeft } from "#runner/core/gate/gate-admission.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import { renderGates, type ListedGate } from "#runner/report/gates-text.ts";
import { goesOnAt, openSnoozedUntil, snoozeOf } from "#runner/core/gate/snooze.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { acting, askFor } from "./acting.ts";
import { looking } from "./looking.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function gatesVerb(context: VerbContext): Promise<Answer> {
  return looking(context, ({ workspace, observed, plan }) => {
    const { attention } = workspace.settings;
    const facts = { workspace, observed, now: context.look.now };
    const answers = answersIn(plan);
    const open = [...observed.gates.values()].map(({ record }) => ({
      ...listed(facts, record),
      answer: answers.get(record.id) ?? null,
    }));
    const left = attention === undefined ? null : reviewsLeft(facts, attention);
    const { queue } = plan;
    return {
      exit: "ok",
      text: renderGates({ open, queue, left }, context.look),
      json: {
        left,
        open: open.map(({ gate, snoozed }) => (snoozed === null ? gate : { ...gate, snoozed })),
        queue,
      },
    };
  });
}

function listed(
  facts: Parameters<typeof openSnoozedUntil>[0],
  gate: GateRecord,
): Omit<ListedGate, "answer"> {
  const until = openSnoozedUntil(facts, gate);
  const by = snoozeOf(facts, gate.id)?.by ?? "";
  return { gate, goesOnAt: goesOnAt(facts, gate), snoozed: until === null ? null : { until, by } };
}

const NOTHING_QUEUED = "nothing is queued: what waits for you is shown already\n  fettle gates\n";

/** Asks for the next ones; the next tick opens them. */
export function moreGates(context: VerbContext): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const who = await expectOperator(engine.repository, operatorsOf(seen.workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    const { queue } = seen.plan;
    if (queue.length === 0) return { exit: "ok", text: NOTHING_QUEUED, json: null };
    const next = Math.min(queue.length, reviewsADay(seen.workspace.settings.attention ?? {}));
    return askFor(
      { context, engine, seen },
      { kind: "more" },
      `${next} of ${queue.length} will be shown`,
    );
  });
}
