/** A run that tries another one once more: what it starts from, and why it may not start. */
import { handlesOf } from "./child-run.ts";
import type { EndedRun, Observed } from "./model.ts";
import { paramsOf } from "./param.ts";
import type { ProjectContext } from "./project-context.ts";
import type { Candidate } from "./trigger.ts";
import type { Pipeline, RetryRequest, RunRecord } from "#runner/schema/types.gen.ts";

type NewRun = Omit<RunRecord, "startedAt">;

/** The same moment and cursors as the run before; its files and version too, unless those of now are asked for. */
export function retried(fresh: NewRun, { retry }: Candidate, { ended }: Observed): NewRun {
  const before = retry === undefined ? undefined : ended.get(retry.run)?.closed;
  if (retry === undefined || before === undefined) return fresh;
  const { asOf, previous, desired, base } = before.run;
  const { run, endedAt, from, params, changes } = retry;
  const pinned = retry.upgrade ? {} : { desired, base };
  const same = { asOf, previous, params: { ...params } };
  const handles = handlesOf(before);
  const item = handles === undefined ? {} : { handles };
  const asked = changes === undefined ? {} : { changes };
  return { ...fresh, ...same, ...pinned, ...item, ...asked, retryOf: { run, endedAt, from } };
}

/** Why a run that was asked for does not start; null when it may. */
export function whyNotStarted(
  { observed }: ProjectContext,
  current: Pipeline,
  { retry, params }: Candidate,
): string | null {
  const found = retry === undefined ? current : pipelineFor(retry, current, observed);
  if (typeof found === "string") return found;
  const given = paramsOf(found, params);
  return given.ok ? null : given.reason;
}

function pipelineFor(
  { run, from, upgrade }: RetryRequest,
  current: Pipeline,
  { ended }: Observed,
): Pipeline | string {
  const before = ended.get(run);
  if (before === undefined) return `what run ${run} did is not kept any more`;
  const pipeline = upgrade ? current : pinnedPipeline(before);
  if (pipeline === undefined)
    return `the version that run ${run} was made with is not in this clone`;
  const isThere = from === null || pipeline.steps.some(({ id }) => id === from);
  return isThere ? pipeline : `the pipeline has no step ${from}`;
}

function pinnedPipeline({ closed, version }: EndedRun): Pipeline | undefined {
  return version?.pipelines.get(closed.run.pipeline);
}
