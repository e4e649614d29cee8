/** What is kept of a gate when it opens. */
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { GateOpen } from "./gate-action.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";

export interface Deadlines {
  readonly answerBy: string | null;
  readonly vetoUntil: string | null;
}

/** Until when an answer is asked for, and until when somebody may object. */
export function deadlines(open: GateOpen, at: string): Deadlines {
  const { answerWithinMs, vetoWithinMs } = open;
  return {
    answerBy: open.answerBy ?? (answerWithinMs === null ? null : addMs(at, answerWithinMs)),
    vetoUntil: vetoWithinMs === undefined ? null : addMs(at, vetoWithinMs),
  };
}

/** What the ledger keeps of it. */
export function openedEvent(record: GateRecord, { items, briefing }: GateOpen): LedgerEvent {
  const { project, run, step, id, risk, openedAt: at, vetoUntil, asks } = record;
  const opened = { project, run, step, gate: id, items: items.length, risk: risk.score };
  const veto = vetoUntil === undefined ? {} : { vetoUntil };
  const slot = briefing === undefined ? {} : { briefing: briefing.at };
  const question = asks === undefined ? {} : ({ question: true } as const);
  return { kind: "gate-opened", at, ...opened, ...question, ...veto, ...slot };
}
