/** What a gate step proposes: its paths and items must be free. When it is shown is decided for all of them together (gate-admission.ts). */
import { queuedAs } from "./gate-admission.ts";
import type { GateOpen, GateSettle, GateShown, SettledItem } from "./gate-action.ts";
import { acting, held, stepHold, type RunContext, type StepPlan } from "#runner/core/step-plan.ts";
import type { QueuedGate } from "#runner/schema/types.gen.ts";

export function proposalOf(context: RunContext, open: GateOpen): StepPlan {
  const rival = rivalOf(context, open);
  if (rival !== undefined) {
    const why = `"${rival.title}" (${rival.id}) comes first and shows the same files or items`;
    const unblock = `fettle approve ${rival.id}, or fettle reject ${rival.id}`;
    return held(stepHold(context, open.gate.step, { reason: "claimed", why, unblock }));
  }
  const queued = queuedAs(context, open);
  if (isLate(queued, open, context.now)) return acting(unshown(open, queued?.answerBy ?? ""));
  const answerBy = queued?.answerBy ?? null;
  const asked = answerBy === null ? open : { ...open, answerBy };
  context.planned.gates.push(asked);
  return acting(asked);
}

function isLate(queued: QueuedGate | undefined, open: GateOpen, now: string): boolean {
  const answerBy = queued?.answerBy ?? null;
  return answerBy !== null && answerBy <= now && open.gate.onExpire !== "keep";
}

/** Nobody was shown it in time: it ends as its pipeline says, and nothing of it is refused. */
function unshown({ project, gate, items }: GateOpen, answerBy: string): GateSettle {
  const { run, step, risk } = gate;
  const isAnswered = gate.onExpire === "default";
  const reason = `nobody was shown it by ${answerBy}: other gates came first`;
  return {
    kind: "gate-settle",
    project,
    because: reason,
    gate: null,
    run,
    step,
    decision: isAnswered ? "defaulted" : "expired",
    by: "fettle",
    via: "expiry",
    reason,
    commit: null,
    risk: risk.score,
    request: null,
    items: isAnswered ? items.map(unchanged) : [],
    files: {},
  };
}

function unchanged({ show, key, step, digest, outputs }: GateShown): SettledItem {
  const content = { kind: "value", value: outputs } as const;
  const how = { decision: "approved", blob: null, input: null } as const;
  return { show, key, step, digest, outputs: content, ...how };
}

/** What an open gate, or one that this plan opens already, lays claim to. */
interface Claimed {
  readonly id: string;
  readonly title: string;
  readonly project: string;
  readonly pipeline: string;
  readonly claims: readonly string[];
  readonly items: readonly { readonly key: string | null }[];
}

function rivalOf(context: RunContext, open: GateOpen): Claimed | undefined {
  const keys = new Set(open.items.map((item) => item.key).filter((key) => key !== null));
  const paths = new Set(open.gate.claims);
  const claimed: readonly Claimed[] = [
    ...[...context.observed.gates.values()].map(({ record }) => record),
    ...context.planned.gates.map(({ gate, items }) => ({ ...gate, items })),
  ];
  return claimed.find(
    ({ project, pipeline, claims, items }) =>
      claims.some((path) => paths.has(path)) ||
      (project === open.project &&
        pipeline === open.gate.pipeline &&
        items.some((item) => item.key !== null && keys.has(item.key))),
  );
}
