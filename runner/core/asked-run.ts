/** What becomes of a run that somebody asks for by hand. */
import type { Hold, Plan } from "./action.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { RequestRecord, RunRequest } from "#runner/schema/types.gen.ts";

export type AskedRun =
  | { readonly kind: "runs" }
  | { readonly kind: "held"; readonly hold: Hold }
  | { readonly kind: "dropped"; readonly reason: string };

/** `plan`: one that knows of the request. */
export function askedRun(
  { actions, holds }: Pick<Plan, "actions" | "holds">,
  { id, project, pipeline }: Pick<RunRequest, "id" | "project" | "pipeline">,
): AskedRun {
  const dropped = actions.find(
    (action) => action.kind === "request-settle" && action.request === id,
  );
  if (dropped !== undefined) return { kind: "dropped", reason: dropped.because };
  const isNext = actions.some(
    (action) =>
      (action.kind === "run-start" && action.request === id) ||
      // Its new version comes into force first, within the same tick.
      (action.kind === "project-apply" && action.project === project),
  );
  const hold = holds.find(
    (one) =>
      one.project === project &&
      // Its last good version goes on.
      one.reason !== "invalid" &&
      (one.subject === `pipeline:${pipeline}` || one.subject === "project"),
  );
  return isNext || hold === undefined ? { kind: "runs" } : { kind: "held", hold };
}

type Question = Pick<RunRequest, "project" | "pipeline" | "params">;

/** The same was asked for and has not begun: one run answers both. */
export function askedBefore(
  requests: readonly RequestRecord[],
  { project, pipeline, params }: Question,
): RunRequest | undefined {
  const wanted = canonicalJson(params);
  return requests
    .filter((request) => request.kind === "run")
    .find(
      (request) =>
        request.project === project &&
        request.pipeline === pipeline &&
        canonicalJson(request.params) === wanted,
    );
}
