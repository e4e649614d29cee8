/** What events of gates say about the records of their commits. */
import type { EventOf } from "#runner/core/ledger-event.ts";
import { decisionPath, gatePath } from "#runner/core/state-path.ts";
import { decisionProblems } from "./verify-decision.ts";
import { type CheckedStep, recordBefore } from "./verify-record.ts";
import { requestsBefore } from "./verify-request.ts";
import { allowed, once, removed, type Touch, written } from "./verify-written.ts";
import { wrong } from "./verify-finding.ts";

export function gateTouch(step: CheckedStep, event: EventOf<"gate-opened" | "gate-noted">): Touch {
  const path = gatePath(event.gate);
  if (event.kind === "gate-noted") return noted(step, event);
  const { run, at, project, step: id, gate, items, risk, vetoUntil } = event;
  const facts = { id: gate, run, project, step: id, openedAt: at, vetoUntil };
  return once(step, {
    path,
    problems: (after) => [
      ...written(path, "gate", facts).problems(after),
      ...(after?.kind === "gate" &&
      (after.value.items.length !== items || after.value.risk.score !== risk)
        ? [wrong("its items or its risk are not those of the event")]
        : []),
    ],
  });
}

/** A note changes nothing else of the gate. */
function noted(step: CheckedStep, { gate, at, absent, problem }: EventOf<"gate-noted">): Touch {
  const before = recordBefore(step, gatePath(gate));
  if (before?.kind !== "gate") return written(gatePath(gate), "gate", { id: gate });
  const { problem: _, ...rest } = before.value;
  const expected = {
    ...rest,
    absentSince: absent ? at : null,
    ...(problem === null ? {} : { problem }),
  };
  return written(gatePath(gate), "gate", { problem: undefined, ...expected });
}

export function gateSettled(step: CheckedStep, event: EventOf<"gate-settled">): readonly Touch[] {
  const { run, step: id, gate, decision, by, via, reason, at, owned } = event;
  const path = decisionPath(run, id);
  const facts = { run, step: id, gate, decision, by, via, reason, at, files: owned };
  const record = written(path, "decision", facts);
  const settled: Touch = {
    path,
    problems: (after) => [
      ...record.problems(after),
      ...(after?.kind === "decision" ? decisionProblems(after.value, event) : []),
    ],
  };
  if (gate === null) return [once(step, settled)];
  if (decision === "not-objected" && !isVetoOver(step, { gate, at })) {
    return [{ ...settled, problems: () => [wrong("an operator could still object")] }];
  }
  if (decision === "defaulted" && !isAnswerOver(step, { gate, at })) {
    return [{ ...settled, problems: () => [wrong("its default answer did not count yet")] }];
  }
  return [once(step, settled), closedGate(step, gate), ...rejections(step, gate)];
}

function isAnswerOver(
  step: CheckedStep,
  { gate, at }: { readonly gate: string; readonly at: string },
): boolean {
  const before = recordBefore(step, gatePath(gate));
  if (before?.kind !== "gate") return false;
  const { answerBy, onExpire } = before.value;
  return onExpire === "default" && answerBy !== null && answerBy <= at;
}

function isVetoOver(
  step: CheckedStep,
  { gate, at }: { readonly gate: string; readonly at: string },
): boolean {
  const before = recordBefore(step, gatePath(gate));
  if (before?.kind !== "gate") return false;
  const { vetoUntil } = before.value;
  return vetoUntil !== undefined && vetoUntil <= at;
}

function closedGate(step: CheckedStep, gate: string): Touch {
  const touch = removed(gatePath(gate));
  if (recordBefore(step, touch.path) !== undefined) return touch;
  return { ...touch, problems: () => [wrong("the gate was not open")] };
}

/** The request to reject that the decision may have followed. */
function rejections(step: CheckedStep, gate: string): readonly Touch[] {
  const asked = requestsBefore(step, ({ value }) => value.kind === "reject" && value.gate === gate);
  return asked.map(allowed);
}
