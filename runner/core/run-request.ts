/** Requests about one run. */
import type { RequestRecord } from "#runner/schema/types.gen.ts";

/** Requests that the end of a run answers: to cancel it, or to undo at any risk what it did. */
export function isAnsweredByEnd(request: RequestRecord, run: string): boolean {
  if (request.kind === "undo") return request.endedAt === null && request.run === run;
  return request.kind === "cancel" && request.run === run;
}
