/** One commit of the state branch against its events. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { receiptPath } from "#runner/core/state-path.ts";
import type { Finding } from "./verify-finding.ts";
import { type EffectEvent, receiptProblems } from "./verify-receipt.ts";
import {
  type CheckedStep,
  recordAfter,
  recordBefore,
  type StateRecord,
  type StateStep,
  withinOf,
} from "./verify-record.ts";
import { touchesOf } from "./verify-touch.ts";
import { removed, type Touch } from "./verify-written.ts";
import type { ReceiptRecord } from "#runner/schema/types.gen.ts";

/** Every record that was written must be what an event names, and every event must have left its record. */
export function stepFindings(commit: string, changes: StateStep): readonly Finding[] {
  const step = { ...changes, within: withinOf(changes) };
  const touches = new Map<string, Touch>();
  for (const event of step.events) {
    for (const touch of touchesOf(step, event)) touches.set(touch.path, touchWithin(step, touch));
  }
  const unnamed = [...step.changed.keys()]
    .filter((path) => !touches.has(path))
    .map((path): Finding => {
      const message = "the commit changes it, and no event of the commit says so";
      return { rule: "unnamed-change", where: `${commit}:${path}`, message };
    });
  const problems = [...touches.values()].flatMap(({ path, problems: problemsOf }) =>
    problemsOf(recordAfter(step, path)).map((problem): Finding => ({
      ...problem,
      where: `${commit}:${path}`,
    })),
  );
  return [...unnamed, ...problems, ...effectFindings(commit, step)];
}

/** What the closed run alone holds is looked at there, and stands nowhere else. */
function touchWithin({ within }: CheckedStep, touch: Touch): Touch {
  const { path, problems } = touch;
  const held = within.get(path);
  if (held === undefined) return touch;
  return { path, problems: (after) => [...problems(held), ...removed(path).problems(after)] };
}

function effectFindings(commit: string, step: StateStep): readonly Finding[] {
  const byBase = Map.groupBy(step.events.filter(isEffect), ({ effect }) => effect?.base ?? "");
  return [...byBase].flatMap(([base, events]) => {
    const path = receiptPath(base);
    const after = recordAfter(step, path);
    if (after?.kind === "unreadable") return [];
    const before = receiptOf(recordBefore(step, path));
    return receiptProblems(before, receiptOf(after), events).map((problem): Finding => ({
      ...problem,
      where: `${commit}:${path}`,
    }));
  });
}

function isEffect(event: LedgerEvent): event is EffectEvent {
  const { kind } = event;
  if (kind === "effect-intended" || kind === "effect-answered") return true;
  return kind === "step-finished" && event.effect !== null;
}

function receiptOf(record: StateRecord | undefined): ReceiptRecord | undefined {
  return record?.kind === "receipt" ? record.value : undefined;
}
