/** The kill switch: while a stop stands on state, nothing of its scope begins. Anybody may stop; an operator starts. */
import type { Hold } from "./action.ts";
import { shellWord } from "./shell-word.ts";
import type { RequestRecord, StopRequest } from "#runner/schema/types.gen.ts";

/** Everything where neither is given; a pipeline stands with its project. */
export type StopScope = Pick<StopRequest, "project" | "pipeline">;

export function stopsIn(requests: readonly RequestRecord[]): readonly StopRequest[] {
  return requests.filter((request) => request.kind === "stop");
}

/** The first stop that the project, or the pipeline of it, stands under. */
export function stopOf(
  requests: readonly RequestRecord[],
  { project, pipeline }: { readonly project: string; readonly pipeline?: string },
): StopRequest | undefined {
  return stopsIn(requests).find(
    (stop) =>
      stop.project === undefined ||
      (stop.project === project && (stop.pipeline === undefined || stop.pipeline === pipeline)),
  );
}

export function isScope(stop: StopRequest, { project, pipeline }: StopScope): boolean {
  return stop.project === project && stop.pipeline === pipeline;
}

/** `shop/mail`; empty where it is everything. */
export function scopeName({ project, pipeline }: StopScope): string {
  return [project, pipeline].filter((name) => name !== undefined).join("/");
}

export function stopHold(stop: StopRequest, project: string, subject: string): Hold {
  const scope = scopeName(stop);
  return {
    project,
    subject,
    reason: "stopped",
    why: stopWords(stop),
    unblock: `fettle start${scope === "" ? "" : ` ${shellWord(scope)}`}`,
    until: null,
  };
}

/** `stopped by ada@northwind.example at 2026-11-22T10:00:00.000Z: wrong prices` */
export function stopWords({ by, at, reason }: StopRequest): string {
  return `stopped by ${by} at ${at}${reason === "" ? "" : `: ${reason}`}`;
}
