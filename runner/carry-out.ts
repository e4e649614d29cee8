/** One action → one transaction. Nothing is decided here. */
import type { Action, Deliver, PayloadDrop, StateCompact, StepStart } from "./core/action.ts";
import { isUnobjectedSettle } from "./core/gate/gate-action.ts";
import type { GateOpen } from "./core/gate/gate-action.ts";
import type { Transaction } from "./core/ledger-event.ts";
import { planDigest } from "./core/plan.ts";
import type { Plan } from "./core/action.ts";
import { noteGate, queueGate, settleGate, type Carried } from "./loop/carry-gate.ts";
import {
  applyProject,
  finishRun,
  removeProject,
  settleRequest,
  stallProject,
  startRun,
} from "./loop/carry-run.ts";
import { answerEffect } from "./loop/carry-answer.ts";
import { adoptEdits } from "./loop/carry-edit.ts";
import { adoptStep } from "./loop/carry-step.ts";
import { withEpisodes } from "./loop/carry-episode.ts";
import { openGates } from "./loop/open-gate.ts";
import { closedBranches } from "./loop/close-branch.ts";
import { endWait } from "./loop/carry-wait.ts";
import type { Engine, View } from "./loop/engine.ts";
import type { RefUpdate } from "./repo/ref-transaction.ts";

/** Actions that are booked at once; steps are executed, deliveries move main, compaction and drops build on what is published. */
export type Bookable = Exclude<Action, StepStart | Deliver | StateCompact | PayloadDrop>;

export function isStart(action: Action): action is StepStart {
  return action.kind === "step-start" || action.kind === "step-compensate";
}

export function isDelivery(action: Action): action is Deliver {
  return action.kind === "deliver";
}

export function isCompaction(action: Action): action is StateCompact {
  return action.kind === "state-compact";
}

export function isDrop(action: Action): action is PayloadDrop {
  return action.kind === "payload-drop";
}

/** Nothing goes on for want of an objection where one may stand already, unheard. */
export function bookableIn(
  { actions }: Plan,
  isUnheard: (gate: string | null) => boolean,
): readonly Bookable[] {
  return actions
    .filter(isBookable)
    .filter((action) => !isUnobjectedSettle(action) || !isUnheard(action.gate));
}

function isBookable(action: Action): action is Bookable {
  return !isStart(action) && !isDelivery(action) && !isCompaction(action) && !isDrop(action);
}

/** In order; with the refs that move in the same update. */
export async function carryOutAll(
  engine: Engine,
  view: View,
  { actions, plan }: { readonly actions: readonly Bookable[]; readonly plan: Plan },
): Promise<{ readonly transactions: readonly Transaction[]; readonly refs: readonly RefUpdate[] }> {
  const carried: Carried[] = [];
  const closing = closingGates(view, actions);
  const opened = new Set<string>();
  for (const action of actions) {
    if (action.kind !== "gate-open") {
      carried.push(await carryOut(engine, view, { action, closing }));
      continue;
    }
    const { branch } = action.gate;
    if (opened.has(branch)) continue;
    opened.add(branch);
    const opens = actions.filter((other) => isOpenOn(other, branch));
    carried.push(...(await openGates(engine, view, { opens, planDigest: planDigest(plan) })));
  }
  const transactions = carried.map(({ transaction }) => transaction);
  // A branch that several gates leave goes once.
  const refs = new Map(carried.flatMap((one) => one.refs.map((update) => [update.ref, update])));
  return { transactions, refs: [...refs.values()] };
}

function isOpenOn(action: Bookable, branch: string): action is GateOpen {
  return action.kind === "gate-open" && action.gate.branch === branch;
}

/** Gates that are not open any more when all of the actions are done. */
function closingGates({ observed }: View, actions: readonly Bookable[]): ReadonlySet<string> {
  const ending = new Set(
    actions.flatMap((action) =>
      action.kind === "run-finish" || action.kind === "run-cancel" ? [action.run] : [],
    ),
  );
  return new Set([
    ...actions.flatMap((action) => (action.kind === "gate-settle" ? (action.gate ?? []) : [])),
    ...[...observed.gates.values()].flatMap(({ record }) =>
      ending.has(record.run) ? [record.id] : [],
    ),
  ]);
}

interface Carrying {
  readonly action: Exclude<Bookable, GateOpen>;
  readonly closing: ReadonlySet<string>;
}

/** The transaction of an action that needs no execution. */
async function carryOut(
  engine: Engine,
  view: View,
  { action, closing }: Carrying,
): Promise<Carried> {
  const at = engine.clock();
  switch (action.kind) {
    case "gate-queue":
      return { transaction: queueGate(action, at), refs: [] };
    case "gate-settle":
      return settleGate(engine, view, { action, closing });
    case "gate-note":
      return { transaction: noteGate(view, action, at), refs: [] };
    case "run-start":
    case "goal-measure":
      return { transaction: startRun(view, action, at), refs: [] };
    case "run-finish":
    case "run-cancel":
      return {
        transaction: withEpisodes(engine, view, { action, end: finishRun(view, action, at) }),
        refs: await closedBranches(engine, view, { run: action.run, closing }),
      };
    case "wait-end":
      return { transaction: endWait(action, at), refs: [] };
    case "step-adopt":
      return { transaction: adoptStep(view, action, at), refs: [] };
    case "project-apply":
      return { transaction: applyProject(action, at), refs: [] };
    case "project-stall":
      return { transaction: stallProject(action, at), refs: [] };
    case "resource-prune":
      return { transaction: removeProject(action, at), refs: [] };
    case "effect-answer":
      return { transaction: answerEffect(view, action, at), refs: [] };
    case "edit-adopt":
      return { transaction: adoptEdits(action, at), refs: [] };
    case "request-settle":
      return { transaction: settleRequest(action, at), refs: [] };
  }
}
