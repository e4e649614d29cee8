/** Whether a gate may open now: its paths and items must be free, and the day's attention not spent. */
import { countInWindow, nextWindow } from "./calendar.ts";
import type { GateOpen } from "./gate-action.ts";
import { timezoneOf } from "./run-scope.ts";
import { acting, held, stepHold, type RunContext, type StepPlan } from "./step-plan.ts";

export function proposalOf(context: RunContext, open: GateOpen): StepPlan {
  const rival = rivalOf(context, open);
  if (rival !== undefined) {
    const why = `"${rival.title}" (${rival.id}) is open and shows the same files or items`;
    const unblock = `fettle approve ${rival.id}, or fettle reject ${rival.id}`;
    return held(stepHold(context, open.gate.step, { reason: "claimed", why, unblock }));
  }
  const ceiling = context.workspace.settings.attention?.reviewsPerDay;
  const today = { per: "day", timezone: timezoneOf(context.workspace.settings) } as const;
  const { gatesOpened } = context.observed.summaries.workspace;
  const opened = countInWindow(gatesOpened, context.now, today);
  if (ceiling !== undefined && opened + context.planned.gates.length >= ceiling) {
    const why = `${ceiling} reviews a day are used up; "${open.gate.title}" waits its turn`;
    const unblock = "raise attention.reviewsPerDay in fettle.yaml, or wait for tomorrow";
    const until = nextWindow(context.now, today);
    return held(
      stepHold(context, open.gate.step, { reason: "attention-full", why, unblock, until }),
    );
  }
  context.planned.gates.push(open);
  return acting(open);
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
