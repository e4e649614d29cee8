/** What becomes of a run that somebody asks for by hand. */
import type { Action, Hold, Plan } from "./action.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { RequestRecord, RunRequest } from "#runner/schema/types.gen.ts";

export type AskedRun =
  /** In place of these open runs, which the same tick calls off. */
  | { readonly kind: "runs"; readonly replaced: readonly string[] }
  | { readonly kind: "held"; readonly hold: Hold }
  | { readonly kind: "dropped"; readonly reason: string };

/** `plan`: one that knows of the request. `open`: runs of the pipeline that it may have to wait for. */
export function askedRun(
  { actions, holds }: Pick<Plan, "actions" | "holds">,
  { id, project, pipeline }: Pick<RunRequest, "id" | "project" | "pipeline">,
  open: readonly string[],
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
  if (isNext || hold === undefined) return { kind: "runs", replaced: [] };
  const isCleared = open.length > 0 && open.every((run) => actions.some((one) => ends(one, run)));
  return hold.reason === "concurrency" && isCleared
    ? { kind: "runs", replaced: open }
    : { kind: "held", hold };
}

/** A gate of a run that is replaced settles just before the run ends. */
function ends(action: Action, run: string): boolean {
  const isEnding =
    action.kind === "run-cancel" ||
    (action.kind === "gate-settle" && action.decision === "superseded");
  return isEnding && action.run === run;
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
