/** A unit of work that reaches the outside world: whether it happens now, has happened, or waits. */
import { decideEffect, effectPlan, stricterOnce, undoBase } from "./effect.ts";
import { recordAt } from "./effect-record.ts";
import { limitEffect } from "./effect-limit.ts";
import { doubtUnblock } from "./left-doubt.ts";
import type { EffectPlan } from "./action.ts";
import { windowHold } from "./step-window.ts";
import { withGrant } from "#runner/core/money/grant-plan.ts";
import { adopt, startOf, type Started, type UnitOfWork } from "./unit-action.ts";
import { isAgentStep, stepNamed } from "./step-graph.ts";
import {
  acting,
  held,
  stepHold,
  together,
  wanting,
  type RunContext,
  type StepPlan,
} from "./step-plan.ts";
import type { Once, Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

export interface Effect extends Started {
  readonly name: string;
  readonly base: string;
  readonly once: Once;
  readonly record: ReceiptRecord | null;
}

export function planEffect(context: RunContext, unit: UnitOfWork, start: Effect): StepPlan {
  const { name, base, record } = start;
  const once = stricterOnce(start.once, onceInForce(context, unit.step.id));
  const owner = { run: context.run.record.id, step: unit.step.id, item: unit.item };
  const decision = decideEffect(record, once, { now: context.now, owner });
  switch (decision.kind) {
    case "do":
      return withinLimits(context, unit, {
        ...start,
        effect: effectPlan(base, name, decision.ordinal),
      });
    case "resume": {
      const { ordinal, runner } = decision;
      return resume(context, unit, { ...start, runner, effect: effectPlan(base, name, ordinal) });
    }
    case "wait":
      return waiting(context, unit, { name, receipt: decision.receipt });
    case "done":
      return planDone(context, unit, { ...start, ...decision });
  }
}

/** What the step's newest version allows; undefined where it is gone, or is no effect any more. */
function onceInForce({ workspace, run: { record } }: RunContext, id: string): Once | undefined {
  const version = workspace.projects.get(record.project)?.pipelines.get(record.pipeline);
  const step = version === undefined ? undefined : stepNamed(version, id);
  return step !== undefined && isAgentStep(step) ? step.once : undefined;
}

/** What was done and undone again does not stand any more, and is not done again by itself. */
function planDone(
  context: RunContext,
  unit: UnitOfWork,
  done: Effect & { readonly receipt: Receipt; readonly why: string },
): StepPlan {
  const { name, base, record, receipt, why: reason } = done;
  const effect = effectPlan(record?.base ?? base, name, receipt.ordinal);
  const undoing = recordAt(context, undoBase(effect));
  if ("wants" in undoing) return together(undoing.wants.map(wantingReceipt));
  const undone = undoing.record?.receipts.at(-1);
  switch (undone?.state) {
    case undefined: {
      const left = receipt.receipt === undefined ? {} : { receipt: receipt.receipt };
      const stands = { ...effectPlan(base, name, receipt.ordinal), ...left };
      return acting(adopt(context, unit, { ...done, effect: stands, outcome: "noop", reason }));
    }
    case "intended":
    case "uncertain":
      return waiting(context, unit, { name: undoing.record?.onceKey ?? name, receipt: undone });
    case "happened": {
      const day = undone.at.slice(0, 10);
      const why = `${name} was undone on ${day} and is not done again by itself (${reason}); another once.key does it`;
      return acting(
        adopt(context, unit, { ...done, effect: null, outcome: "permission-denied", reason: why }),
      );
    }
  }
}

export function wantingReceipt(base: string): StepPlan {
  return wanting({ kind: "receipt", base });
}

interface Occupied {
  readonly name: string;
  readonly receipt: Receipt;
}

/** Somebody else is doing it, or nobody knows whether it was done. */
function waiting(context: RunContext, unit: UnitOfWork, { name, receipt }: Occupied): StepPlan {
  const { run, state } = receipt;
  const isDoing = state === "intended" && context.observed.runs.has(run);
  const facts = isDoing
    ? { reason: "dependency-not-ready" as const, why: `${name}: run ${run} is doing it` }
    : {
        reason: "uncertain-effect" as const,
        why: `${name}: nobody knows whether it happened in ${run}`,
        ...(state === "uncertain" ? { unblock: doubtUnblock(name) } : {}),
      };
  return held(stepHold(context, unit.step.id, facts));
}

/** Two units of one plan may ask for the same effect: the first does it, the other waits for its receipt. */
function withinLimits(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan },
): StepPlan {
  const { base, onceKey } = start.effect;
  const closed = windowHold(context, unit);
  if (closed !== null) return held(closed);
  if (context.planned.effects.has(base)) {
    const why = `${onceKey}: another step is about to do it`;
    return held(stepHold(context, unit.step.id, { reason: "dependency-not-ready", why }));
  }
  const limited = limitEffect(context, unit, start.inputs);
  if (!limited.ok) return held(limited.hold);
  context.planned.effects.add(base);
  const { sums } = limited;
  const summed = Object.keys(sums).length === 0 ? {} : { sums };
  return withGrant(context, unit, { ...startOf(context, unit, start), ...summed });
}

/**
 * An intent stands without an outcome: the process died in between, or another runner has been silent for too long. The
 * agent is asked again under the same key where that is safe (`native`), or where it looks first whether it happened
 * (`probe`). Another runner may only be slow, and do it in the next moment: then the agent is only asked.
 */
function resume(
  context: RunContext,
  unit: UnitOfWork,
  start: Started & { readonly effect: EffectPlan; readonly runner: string | null },
): StepPlan {
  const { runner, ...started } = start;
  // A further attempt is a beginning; what a crash has left is no attempt that has ended.
  const closed = start.last?.state === "finished" ? windowHold(context, unit) : null;
  if (closed !== null) return held(closed);
  const isOwn = runner === null || runner === context.observed.self;
  switch (unit.agent.manifest.idempotency ?? "none") {
    case "native":
      return withGrant(context, unit, { ...startOf(context, unit, started), resume: true });
    case "probe": {
      const again = { ...startOf(context, unit, started), resume: true };
      return withGrant(context, unit, isOwn ? again : { ...again, askOnly: true });
    }
    case "none": {
      const reason = "the runner stopped between the intent and the receipt";
      return acting(adopt(context, unit, { ...started, outcome: "uncertain", reason }));
    }
  }
}
