/** A pipeline whose gates pile up makes nothing more until the operator has been shown them. */
import type { Hold } from "#runner/core/action.ts";
import { hoursAt } from "./attention-hours.ts";
import { reviewsADay, reviewsLeft } from "./gate-admission.ts";
import type { OpenRun } from "#runner/core/model.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { isAskStep, isGateStep, stepsOf } from "#runner/core/step-graph.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { Attention, QueuedGate } from "#runner/schema/types.gen.ts";

type Facts = Pick<RunContext, "workspace" | "observed" | "now">;

interface Pressed {
  readonly project: string;
  readonly pipeline: string;
}

/** Why nothing more is made, and until when; null while there is room. Gates that only wait for their briefing are no pressure. */
export function pressureOn(
  facts: Facts,
  pressed: Pressed,
): Pick<Hold, "why" | "unblock" | "until"> | null {
  const { attention } = facts.workspace.settings;
  const queued = attention === undefined ? 0 : queuedOf(facts, pressed).length;
  if (attention === undefined || queued === 0 || !isPressing(facts, attention, queued)) return null;
  const timezone = timezoneOf(facts.workspace.settings);
  const { nextDay } = hoursAt({ attention, timezone }, facts.now);
  const gates = queued === 1 ? "1 gate is queued" : `${queued} gates are queued`;
  return {
    why: `${gates}: ${pressed.pipeline} makes nothing more until you are shown ${queued === 1 ? "it" : "them"}`,
    unblock: "fettle gates   shows what is open and what is queued",
    until: nextDay,
  };
}

function isPressing(facts: Facts, attention: Attention, queued: number): boolean {
  return queued >= reviewsADay(attention) || reviewsLeft(facts, attention) <= 0;
}

function queuedOf({ observed }: Facts, { project, pipeline }: Pressed): readonly QueuedGate[] {
  const queued = observed.summaries.projects.get(project)?.queuedGates ?? {};
  return Object.values(queued).filter(
    ({ run }) => observed.runs.get(run)?.record.pipeline === pipeline,
  );
}

export function isQueued({ observed }: Pick<Facts, "observed">, { record }: OpenRun): boolean {
  const queued = observed.summaries.projects.get(record.project)?.queuedGates ?? {};
  return Object.values(queued).some(({ run }) => run === record.id);
}

/** The hold of a run that has not begun; what an operator has asked for goes on. */
export function heldBack(context: RunContext): Hold | null {
  const { record, pipeline, attempts, decisions, waits } = context.run;
  const hasBegun = attempts.length + decisions.length + waits.length > 0;
  if (hasBegun || record.trigger.kind === "manual" || context.isCalledOff === true) return null;
  const asks = stepsOf(pipeline).some((step) => isGateStep(step) || isAskStep(step));
  if (!asks || isQueued(context, context.run)) return null;
  const pressure = pressureOn(context, record);
  if (pressure === null) return null;
  return {
    project: record.project,
    subject: `run:${record.id}`,
    reason: "attention-full",
    ...pressure,
  };
}
