/** Where the records of an event stand. */
import type { LedgerEvent } from "./ledger-event.ts";
import { isDone } from "./outcome.ts";
import {
  attemptPath,
  cachedPath,
  checkpointsPath,
  handledPath,
  payloadTombstonesPath,
  receiptPath,
  requestPath,
  runnerPath,
  runPath,
} from "./state-path.ts";

/** Paths of the state branch that an event's records may stand at. */
export function pathsOf(event: LedgerEvent): readonly string[] {
  switch (event.kind) {
    case "run-started":
      return [runPath(event.run), ...besidesRun(event)];
    case "effect-intended":
      return [attemptPath(event.run, event, event.attempt), receiptPath(event.effect.base)];
    case "step-finished": {
      const attempt = attemptPath(event.run, event, event.attempt);
      return [
        attempt,
        ...(event.effect === null ? [] : [receiptPath(event.effect.base)]),
        ...(event.cache === undefined ? [] : [cachedPath(event.cache)]),
        ...(isDone(event.outcome) ? [checkpointsPath(event.run, event)] : []),
      ];
    }
    case "step-checkpointed":
      return [checkpointsPath(event.run, event)];
    case "effect-answered":
      return [
        receiptPath(event.effect.base),
        ...(event.request === null ? [] : [requestPath(event.request)]),
      ];
    case "request-made":
    case "request-settled":
      return [requestPath(event.request)];
    case "work-claimed":
      return [runnerPath(event.runner)];
    case "payload-dropped":
      return [payloadTombstonesPath(event.month)];
    case "project-applied":
    case "project-stalled":
    case "spend-granted":
    case "spend-settled":
    case "project-removed":
    case "gate-queued":
    case "gate-opened":
    case "gate-noted":
    case "gate-settled":
    case "wait-ended":
    case "run-finished":
    case "files-delivered":
    case "edits-adopted":
    case "rewrite-accepted":
    case "clock-set-right":
    case "state-compacted":
      return [];
  }
}

/** The request that asked for the run, and the record of the item that it handles. */
function besidesRun({
  run,
  trigger,
  handles,
}: Extract<LedgerEvent, { kind: "run-started" }>): readonly string[] {
  const again = handles === undefined ? [] : [handledPath(handles)];
  if (trigger.kind === "manual") return [requestPath(trigger.request), ...again];
  return trigger.kind === "pipeline" ? [handledPath(run)] : again;
}
