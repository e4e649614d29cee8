/** A run that is called off: nothing new starts, no effect is cut off, and when all is known the run closes. */
import type { Action, StepAdopt, StepStart } from "./action.ts";
import { begunAttempts } from "./begun-effect.ts";
import type { Want } from "./want.ts";
import { parentOf } from "./child-run.ts";
import { planUndoing, withWords } from "#runner/core/undo/compensation-plan.ts";
import { goalsServedBy, measured } from "./goal.ts";
import type { Observed } from "./model.ts";
import { unitPrefixOfRun } from "./parallel.ts";
import { planRun } from "./run-plan.ts";
import {
  acting,
  held,
  nothingPlanned,
  stepHold,
  together,
  wanting,
  type RunContext,
  type StepPlan,
} from "./step-plan.ts";
import { takenBackWords } from "#runner/core/undo/taken-back.ts";
import { undoFacts } from "#runner/core/undo/undo-run.ts";
import { isUndoStep } from "#runner/core/undo/undo-step.ts";
import type {
  AttemptRecord,
  CancelRequest,
  RequestRecord,
  RunRecord,
} from "#runner/schema/types.gen.ts";

/** Requests that ask for the end of a run; its end, whatever it is, answers them. */
export function requestsToCancel(
  requests: readonly RequestRecord[],
  run: string,
): readonly CancelRequest[] {
  return requests.filter(isCancel).filter((request) => request.run === run);
}

/** Runs that are to end before their time. */
export function calledOff(observed: Observed): ReadonlySet<string> {
  const runs = [...observed.runs.values()].map(({ record }) => record);
  return new Set(runs.filter((run) => whyCalledOff(observed, run) !== null).map(({ id }) => id));
}

/** null: it goes on. A run that another one waits for goes along with that one, however that ends. */
export function whyCalledOff(observed: Observed, run: RunRecord): string | null {
  const [request] = requestsToCancel(observed.requests, run.id);
  if (request !== undefined) return requestWords(request);
  const seen = observed.runs.get(run.id);
  return (seen === undefined ? null : takenBackWords(seen)) ?? whyAlong(observed, run);
}

function requestWords({ by, reason }: CancelRequest): string {
  return `${by} cancelled it${reason === "" ? "" : `: ${reason}`}`;
}

function whyAlong(observed: Observed, run: RunRecord): string | null {
  const parent = parentOf(run)?.run;
  const open = observed.summaries.projects.get(run.project)?.openRuns;
  if (parent === undefined || open === undefined) return null;
  if (!open.includes(parent)) return `${parent}, which it is part of, is over`;
  const waiting = observed.runs.get(parent)?.record;
  const isAlong = waiting !== undefined && whyCalledOff(observed, waiting) !== null;
  return isAlong ? `${parent}, which it is part of, is cancelled` : null;
}

function isCancel(request: RequestRecord): request is CancelRequest {
  return request.kind === "cancel";
}

/** What it has done is left as it is: that is said of it, or of a run that waits for it. */
function isKept(observed: Observed, run: RunRecord): boolean {
  if (requestsToCancel(observed.requests, run.id).some(({ keep }) => keep)) return true;
  const waiting = observed.runs.get(parentOf(run)?.run ?? "")?.record;
  return waiting !== undefined && isKept(observed, waiting);
}

export function planCancel(context: RunContext, why: string): StepPlan {
  const usual = planRun({ ...context, planned: nothingPlanned(), isCalledOff: true });
  if (usual.actions.some(isWholeEnd)) return usual;
  const isLeft = isLeftAsItIs(context);
  const open = openEffects(context, isLeft);
  const begun = isLeft ? together([usual, halfUndone(context)]) : usual;
  const wants = [...open.wants, ...begun.wants];
  if (wants.length > 0) return together(wants.map(wanting));
  const settling = begun.actions.flatMap((action) => settled(context, action));
  if (settling.length > 0) return together(settling.map(acting));
  if (isAtWork(context)) return together([]);
  if (open.list.length > 0) {
    return together(open.list.map((attempt) => unsettled(context, attempt, usual)));
  }
  return isLeft ? acting(cancelled(context, why)) : undoFirst(context, why);
}

/** Where the project is gone, so is what would say how it is undone. */
function isLeftAsItIs({ workspace, observed, run: { record } }: RunContext): boolean {
  const isGone = !workspace.projects.has(record.project);
  return record.undoes !== undefined || isGone || isKept(observed, record);
}

function undoFirst(context: RunContext, why: string): StepPlan {
  const undoing = planUndoing(context, undoFacts(context));
  if (undoing.kind === "going") return undoing.plan;
  return acting(cancelled(context, withWords(why, undoing.words)));
}

/** What was about to be undone is left as it is, but not half-way; an undoing run has planned that already. */
function halfUndone(context: RunContext): StepPlan {
  if (context.run.record.undoes !== undefined) return together([]);
  const facts = { ...undoFacts(context), isPermitted: true };
  const undoing = planUndoing({ ...context, planned: nothingPlanned(), isCalledOff: true }, facts);
  return undoing.kind === "going" ? undoing.plan : together([]);
}

/** It came to its end before the request did. */
function isWholeEnd(action: Action): boolean {
  return action.kind === "run-finish" && WHOLE.has(action.result);
}

const WHOLE: ReadonlySet<string> = new Set(["succeeded", "degraded"]);

interface OpenEffects {
  readonly list: readonly AttemptRecord[];
  readonly wants: readonly Want[];
}

/** Effects that the run has begun and whose end is not known; what goes on being undone is not among them. */
function openEffects({ run, observed }: RunContext, keep: boolean): OpenEffects {
  const begun = begunAttempts(run).filter(({ step }) => keep || !isUndoStep(step));
  const found = begun.flatMap((attempt) => {
    const { effect } = attempt;
    return effect === undefined ? [] : [{ attempt, ...effect }];
  });
  return {
    wants: found.flatMap(({ base }) =>
      observed.receipts.has(base) ? [] : [{ kind: "receipt", base } as const],
    ),
    list: found
      .filter(({ base, ordinal }) => isIntended(observed, base, ordinal))
      .map(({ attempt }) => attempt),
  };
}

function isIntended({ receipts }: Observed, base: string, ordinal: number): boolean {
  const found = receipts.get(base)?.receipts.find((receipt) => receipt.ordinal === ordinal);
  return found?.state === "intended";
}

/** Only what finds out about an effect that has begun: an agent that can tell is asked, and nothing is sent again. */
function settled(context: RunContext, action: Action): readonly (StepStart | StepAdopt)[] {
  if (action.kind === "step-adopt") return [action];
  const isStart = action.kind === "step-start" || action.kind === "step-compensate";
  if (!isStart || !action.resume) return [];
  const { idempotency } = context.run.agents.get(action.agent)?.manifest ?? {};
  if (idempotency === "probe") return [{ ...action, askOnly: true }];
  const { timeoutMs: _, resume: __, forecast: ___, ...known } = action;
  const reason = "the run was cancelled before it was known whether it happened";
  return [{ ...known, kind: "step-adopt", because: reason, outcome: "uncertain", reason }];
}

function isAtWork({ observed, run }: RunContext): boolean {
  const prefix = unitPrefixOfRun(run.record.id);
  return [...observed.working].some((key) => key.startsWith(prefix));
}

/** Something stands in the way of finding out. */
function unsettled(
  context: RunContext,
  { step, effect }: AttemptRecord,
  usual: StepPlan,
): StepPlan {
  const subject = `step:${context.run.record.id}/${step}`;
  const [hold] = usual.holds.filter((candidate) => candidate.subject === subject);
  const why = `the run is cancelled when it is known whether ${effect?.onceKey ?? step} happened`;
  return held(hold ?? stepHold(context, step, { reason: "uncertain-effect", why }));
}

/** Nothing that it did is undone. */
export function cancelled(context: RunContext, why: string): Action {
  const { id: run, project, pipeline, previous } = context.run.record;
  return {
    kind: "run-cancel",
    project,
    because: why,
    run,
    result: "cancelled",
    reason: why,
    outputs: previous,
    serves: goalsServedBy(context.workspace, project, pipeline),
    goal: measured(context, new Map()),
  };
}
