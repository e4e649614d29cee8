/** A run that undoes what another one did which has ended: of the implicit pipeline `undo.<name>`. */
import { planUndoing, withWords } from "./compensation-plan.ts";
import { runId } from "#runner/core/identifier.ts";
import { NO_FORECAST } from "#runner/core/forecast.ts";
import { NOTHING, type ProjectContext, type ProjectPlan } from "#runner/core/project-context.ts";
import { askedBy } from "#runner/core/run-request.ts";
import { runScope } from "#runner/core/run-scope.ts";
import { endsOf } from "#runner/core/step-list-plan.ts";
import { isByOperator } from "#runner/core/operator.ts";
import { acting, type RunContext, type StepPlan } from "#runner/core/step-plan.ts";
import { isUndoProposed } from "./taken-back.ts";
import { undoPipelineOf } from "./undo-pipeline.ts";
import type { RequestSettle, RunFinish, RunStart } from "#runner/core/action.ts";
import type { EndedRun } from "#runner/core/model.ts";
import type { RequestRecord, UndoRequest } from "#runner/schema/types.gen.ts";

/** That an operator wants what an open run did to be undone at any risk. */
export function isPermitted({ workspace, observed, run }: RunContext): boolean {
  return observed.requests
    .filter(isUndo)
    .filter((request) => isByOperator(workspace.settings, request))
    .some((request) => request.endedAt === null && request.run === run.record.id);
}

function isUndo(request: RequestRecord): request is UndoRequest {
  return request.kind === "undo";
}

/** Runs that undo others start at once: none of their pipeline stands in their way. */
export function planUndoRequests({ workspace, version, observed }: ProjectContext): ProjectPlan {
  const asked = observed.requests
    .filter(isUndo)
    .filter((request) => isByOperator(workspace.settings, request))
    .filter(({ project, endedAt }) => project === version.name && endedAt !== null);
  const actions = asked.map((request) => {
    const ended = observed.ended.get(request.run);
    return ended?.version === undefined ? forgotten(request) : startOf(request, ended);
  });
  return { ...NOTHING, actions };
}

function forgotten({ id: request, project, run }: UndoRequest): RequestSettle {
  const reason = `what run ${run} did is not kept any more`;
  return { kind: "request-settle", project, because: reason, request, reason };
}

function startOf(request: UndoRequest, { closed }: EndedRun): RunStart {
  const { project, run, by, reason, at } = request;
  const { params, desired, base, previous, pipeline: undone } = closed.run;
  const because = askedBy(request);
  const slot = `request:${request.id}`;
  const pipeline = undoPipelineOf(undone);
  const trigger = { kind: "manual", request: request.id, by } as const;
  return {
    kind: "run-start",
    project,
    because,
    request: request.id,
    cursor: {},
    forecast: NO_FORECAST,
    run: {
      id: runId(project, pipeline, slot),
      project,
      pipeline,
      slot,
      trigger: reason === "" ? trigger : { ...trigger, reason },
      params,
      asOf: at,
      desired,
      base,
      previous,
      because,
      undoes: { run, endedAt: closed.endedAt },
    },
  };
}

/** Undoes what can be undone, and ends with what could not. */
export function planUndoRun(context: RunContext): StepPlan {
  const { record, earlier } = context.run;
  if (earlier === undefined) {
    const why = `what ${record.undoes?.run ?? ""} did is not kept any more`;
    return acting(finish(context, { result: "failed", reason: why }));
  }
  const undoing = planUndoing(context, undoFacts(context));
  if (undoing.kind === "going") return undoing.plan;
  const reason = withWords(`${earlier.run} is undone as far as can be`, undoing.words);
  return acting(finish(context, { result: "succeeded", reason }));
}

/** What undoing works with: of its own deeds, or of those of the run that is undone. */
export function undoFacts(context: RunContext): Parameters<typeof planUndoing>[1] {
  const { earlier, record } = context.run;
  if (record.undoes === undefined || earlier === undefined) {
    const scope = runScope(context, endsOf(context));
    const isProposed = isUndoProposed(context.observed, record);
    return { scope, isPermitted: isPermitted(context), isProposed };
  }
  const { run, attempts, children, decisions, waits } = earlier;
  const then = { ...context, run: { ...context.run, attempts, decisions, waits } };
  return {
    scope: runScope(then, endsOf(then)),
    isPermitted: true,
    of: { run, attempts, children },
  };
}

function finish(
  { run: { record } }: RunContext,
  { result, reason }: Pick<RunFinish, "result" | "reason">,
): RunFinish {
  const { id: run, project, previous: outputs } = record;
  return {
    kind: "run-finish",
    project,
    because: reason,
    run,
    result,
    reason,
    outputs,
    serves: [],
    goal: null,
  };
}
