/** The time in which an external effect can still be called off: it waits, and begins by itself. */
import type { Hold } from "#runner/core/action.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { readySince } from "#runner/core/ready-since.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { isAgentStep, stepNamed } from "#runner/core/step-graph.ts";
import { stepHold, type RunContext } from "#runner/core/step-plan.ts";
import type { AgentStep } from "#runner/schema/types.gen.ts";

/**
 * null where nothing is waited for. It begins when all that the step needs is recorded, so it needs no record of its own: whoever
 * looks sees the same end, and its intent is published after it, with all limits of that moment.
 */
export function undoWindowHold(context: RunContext, step: AgentStep): Hold | null {
  const ms = windowMs(context, step);
  if (ms === 0 || context.isCalledOff === true) return null;
  const until = addMs(since(context, step), ms);
  if (until <= context.now) return null;
  const { id } = context.run.record;
  return stepHold(context, step.id, {
    reason: "undo-window",
    why: `it reaches the outside world at ${until}`,
    unblock: `fettle cancel ${shellWord(id)}   calls it off before that`,
    until,
  });
}

/** What is done after a failure waits from the last thing on that was recorded before it. */
function since(context: RunContext, step: AgentStep): string {
  const ready = readySince(context, step);
  if (context.failure === undefined) return ready;
  const { attempts, decisions, waits } = context.run;
  const own = new Set((context.run.pipeline.onFailure ?? []).map(({ id }) => id));
  const instants = [
    ...attempts.map(({ step: id, finishedAt }) => ({ id, at: finishedAt ?? "" })),
    ...decisions.map(({ step: id, at }) => ({ id, at })),
    ...waits.map(({ step: id, at }) => ({ id, at })),
  ].filter(({ id }) => !own.has(id));
  return instants.reduce((last, { at }) => (at > last ? at : last), ready);
}

/** Of the version that the run is pinned to and the one in force now the longer. */
function windowMs({ workspace, run }: RunContext, { id, undoWindow }: AgentStep): number {
  const { project, pipeline } = run.record;
  const version = workspace.projects.get(project)?.pipelines.get(pipeline);
  const current = version === undefined ? undefined : stepNamed(version, id);
  const inForce = current !== undefined && isAgentStep(current) ? current.undoWindow : undefined;
  const lengths = [undoWindow, inForce].map((one) => (one === undefined ? 0 : durationMs(one)));
  return Math.max(...lengths);
}
