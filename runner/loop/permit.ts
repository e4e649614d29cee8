/** What must stand on the newest state before these steps begin: intents of external effects, grants of model work. */
import type { EffectPlan, StepStart } from "#runner/core/action.ts";
import { localDay } from "#runner/core/time/calendar.ts";
import { amountOf, isCounted } from "#runner/core/money/grant-plan.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { transaction } from "#runner/core/transaction.ts";
import { isHeldBy } from "#runner/protocol/receipt.ts";
import { whoOf } from "./blank-attempt.ts";
import { intend } from "./carry-step.ts";
import type { Engine, View } from "./engine.ts";

/** Whether a step begins only with the word of the newest state. */
export function needsPermit({ effect, grant }: StepStart): boolean {
  return effect !== null || (grant !== undefined && isCounted(grant));
}

export function permitsFor(
  { clock }: Pick<Engine, "clock">,
  view: View,
  chosen: readonly StepStart[],
): readonly Transaction[] {
  return [
    ...chosen
      .filter((start) => isIntended(view, start))
      .map((start) => intend(view, start, clock())),
    ...chosen.flatMap((start) => grantsOf(view, start, clock())),
  ];
}

/**
 * An intent that stands there already is not made again, unless it is another runner's and this one acts under it: from then
 * on nobody else can say that nothing came of it.
 */
function isIntended(view: View, { effect, resume, askOnly }: StepStart): boolean {
  if (effect === null) return false;
  return !resume || (askOnly !== true && !isOwn(view, effect));
}

function isOwn({ observed }: View, { base, ordinal }: EffectPlan): boolean {
  return isHeldBy(observed.self, observed.receipts.get(base), ordinal);
}

function grantsOf(view: View, start: StepStart, at: string): readonly Transaction[] {
  const { grant, project, run, step, item, attempt, agent } = start;
  if (grant === undefined || !isCounted(grant)) return [];
  const { pipeline } = whoOf(view, start).run.record;
  const day = localDay(at, timezoneOf(view.workspace.settings));
  const who = { project, run, pipeline, step, item, attempt, agent };
  const name = crypto.randomUUID();
  const amount = amountOf(grant);
  return [transaction({ event: { kind: "spend-granted", at, ...who, grant: name, day, amount } })];
}
