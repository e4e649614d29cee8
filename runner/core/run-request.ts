/** Requests about one run. */
import type {
  RequestRecord,
  RetryRequest,
  RunRequest,
  UndoRequest,
} from "#runner/schema/types.gen.ts";

/** Requests that the end of a run answers: to cancel it, or to undo at any risk what it did. */
export function isAnsweredByEnd(request: RequestRecord, run: string): boolean {
  if (request.kind === "undo") return request.endedAt === null && request.run === run;
  return request.kind === "cancel" && request.run === run;
}

type StartRequest = RunRequest | RetryRequest | UndoRequest;

/** Requests that a run of its own answers. */
export function isStartRequest(request: RequestRecord): request is StartRequest {
  switch (request.kind) {
    case "run":
    case "retry":
      return true;
    case "undo":
      return request.endedAt !== null;
    case "answer":
    case "cancel":
    case "more":
    case "reject":
    case "snooze":
    case "stop":
      return false;
  }
}

/** Why the run starts. */
export function askedBy(request: StartRequest): string {
  switch (request.kind) {
    case "run":
      return `${request.by} asked for it`;
    case "retry":
      return request.changes === undefined
        ? `${request.by} asked for another try of ${request.run}`
        : `${request.by} asked for changes of what ${request.run} made`;
    case "undo":
      return `${request.by} wants ${request.run} undone`;
  }
}
