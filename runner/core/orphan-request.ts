/** Requests that no action carries out: they are settled with the reason instead of waiting for ever. */
import type { RequestSettle } from "./action.ts";
import type { Observed, Workspace } from "./model.ts";
import { whySnoozeIsOver } from "#runner/core/gate/snooze.ts";
import { isByOperator } from "./operator.ts";
import type { RequestRecord, RunRequest, SnoozeRequest } from "#runner/schema/types.gen.ts";

export function orphanRequests(workspace: Workspace, observed: Observed): readonly RequestSettle[] {
  return observed.requests.flatMap((request) => {
    const reason = whyOrphan(request, workspace, observed);
    return reason === null ? [] : [settle(request, reason)];
  });
}

function whyOrphan(
  request: RequestRecord,
  workspace: Workspace,
  observed: Observed,
): string | null {
  switch (request.kind) {
    case "reject":
      if (!isByOperator(workspace.settings, request)) return strangeWord(request);
      return observed.gates.has(request.gate) ? null : `gate ${request.gate} is not open`;
    case "snooze":
      return answerToSnooze(workspace, observed, request);
    case "more":
      return answerToMore(workspace, request);
    case "answer":
    case "stop":
      return null;
    case "cancel": {
      const { project, run } = request;
      const isOpen = observed.summaries.projects.get(project)?.openRuns.includes(run);
      return isOpen === true ? null : `run ${run} has ended already`;
    }
    case "undo": {
      if (!isByOperator(workspace.settings, request)) return strangeWord(request);
      const { project, run, endedAt } = request;
      const isOpen = observed.summaries.projects.get(project)?.openRuns.includes(run);
      return endedAt !== null || isOpen === true ? null : `run ${run} has ended already`;
    }
    case "run":
    case "retry":
      return whyNoPipeline(request, workspace);
  }
}

function answerToSnooze(
  workspace: Workspace,
  observed: Observed,
  request: SnoozeRequest,
): string | null {
  return isByOperator(workspace.settings, request)
    ? whySnoozeIsOver({ workspace, observed }, request)
    : strangeWord(request);
}

/** The plan that settles it opens the gates. */
function answerToMore({ settings }: Workspace, request: RequestRecord): string {
  return isByOperator(settings, request)
    ? "the next gates that were ready are shown"
    : strangeWord(request);
}

function strangeWord({ by }: { readonly by: string }): string {
  return `${by} is not an operator of fettle.yaml`;
}

function whyNoPipeline(
  { project, pipeline }: Pick<RunRequest, "project" | "pipeline">,
  workspace: Workspace,
): string | null {
  if (workspace.resting?.has(project) || workspace.invalid.has(project)) return null;
  const version = workspace.projects.get(project);
  return version?.pipelines.has(pipeline) ? null : `there is no pipeline ${project}/${pipeline}`;
}

function settle(request: RequestRecord, reason: string): RequestSettle {
  return {
    kind: "request-settle",
    project: "project" in request ? (request.project ?? "") : "",
    because: reason,
    request: request.id,
    reason,
  };
}
