/** Gates that are ready and wait until the operator is shown them. */
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { LiveProject, QueuedGate } from "#runner/schema/types.gen.ts";

export function foldGateAsked(
  live: LiveProject,
  event: EventOf<"gate-queued" | "gate-opened">,
): LiveProject {
  if (event.kind === "gate-opened") {
    const left = withoutQueued(live, (_, gate) => gate === event.gate);
    return { ...left, openGates: [...live.openGates, event.gate] };
  }
  const { gate, run, step, at: since, answerBy } = event;
  return { ...live, queuedGates: { ...live.queuedGates, [gate]: { run, step, since, answerBy } } };
}

export function withoutQueued(
  live: LiveProject,
  isGone: (queued: QueuedGate, gate: string) => boolean,
): LiveProject {
  const { queuedGates, ...rest } = live;
  if (queuedGates === undefined) return live;
  const left = Object.entries(queuedGates).filter(([gate, queued]) => !isGone(queued, gate));
  return left.length === 0 ? rest : { ...rest, queuedGates: Object.fromEntries(left) };
}
