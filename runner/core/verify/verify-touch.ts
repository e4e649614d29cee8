/** What an event says about the records of its commit: which paths it writes or removes, and what stands there after. */
import { digestsOf } from "#runner/core/checkpoint.ts";
import { isAnsweredByEnd } from "#runner/core/run-request.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import { isLanesEnd } from "#runner/core/lease.ts";
import { isDone } from "#runner/core/outcome.ts";
import {
  attemptPath,
  cachedPath,
  checkpointsPath,
  closedRunPath,
  handledPath,
  payloadTombstonesPath,
  receiptPath,
  requestPath,
  runFolder,
  runnerPath,
  runPath,
  waitPath,
} from "#runner/core/state-path.ts";
import { withDropped } from "#runner/core/payload-tombstones.ts";
import { gateSettled, gateTouch } from "./verify-gate.ts";
import { attemptProblems, closedRunProblems } from "./verify-run.ts";
import { type CheckedStep, folderOf, recordAfter, recordBefore } from "./verify-record.ts";
import { requestsBefore } from "./verify-request.ts";
import { allowed, once, removed, same, type Touch, written } from "./verify-written.ts";
import { wrong } from "./verify-finding.ts";

export function touchesOf(step: CheckedStep, event: LedgerEvent): readonly Touch[] {
  switch (event.kind) {
    case "spend-granted":
    case "spend-settled":
    case "project-applied":
    case "project-stalled":
    case "project-removed":
    case "files-delivered":
    case "edits-adopted":
    case "rewrite-accepted":
    case "clock-set-right":
    case "state-compacted":
    case "gate-queued":
      return [];
    case "run-started":
      return runStarted(step, event);
    case "effect-intended":
    case "step-finished":
      return stepTouches(step, event);
    case "step-checkpointed":
      return [checkpointed(event)];
    case "gate-opened":
    case "gate-noted":
      return [gateTouch(step, event)];
    case "gate-settled":
      return gateSettled(step, event);
    case "wait-ended":
      return [waitTouch(step, event)];
    case "run-finished":
      return runFinished(step, event);
    case "request-made":
      return [requestTouch(event)];
    case "payload-dropped":
      return [tombstonesTouch(step, event)];
    case "request-settled":
      return [removed(requestPath(event.request))];
    case "effect-answered":
      return [
        allowed(receiptPath(event.effect.base)),
        ...(event.request === null ? [] : [removed(requestPath(event.request))]),
      ];
    case "work-claimed": {
      const { runner, runs, fence, expires, plan } = event;
      const path = runnerPath(runner);
      if (isLanesEnd(event)) return [removed(path)];
      return [written(path, "runner", { runner, runs, fence, expires, plan })];
    }
  }
}

/** Who reads it believes that what it names is gone by right. */
function tombstonesTouch(step: CheckedStep, event: EventOf<"payload-dropped">): Touch {
  const path = payloadTombstonesPath(event.month);
  const before = recordBefore(step, path);
  const known = before?.kind === "tombstones" ? before.value : null;
  return written(path, "tombstones", { all: undefined, ...withDropped(known, event) });
}

function requestTouch({ request, by }: EventOf<"request-made">): Touch {
  return written(requestPath(request), "request", { id: request, by });
}

function runStarted(step: CheckedStep, event: EventOf<"run-started">): readonly Touch[] {
  const { run, project, pipeline, trigger, at, handles } = event;
  const path = runPath(run);
  const record = once(
    step,
    written(path, "run", { id: run, project, pipeline, trigger, startedAt: at }),
  );
  const again = handles === undefined ? [] : [takenUp(step, event, handles)];
  if (trigger.kind === "manual") return [record, removed(requestPath(trigger.request)), ...again];
  if (trigger.kind !== "pipeline") return [record, ...again];
  const { run: parent, step: id, item } = trigger;
  const handled = { run, project, pipeline, parent, step: id, item, startedAt: at, end: null };
  return [record, once(step, written(handledPath(run), "handled", handled))];
}

/** The item is open again; whom the run tries to make good stands in its record. */
function takenUp(step: CheckedStep, { run }: EventOf<"run-started">, handles: string): Touch {
  const before = recordBefore(step, handledPath(handles));
  const known = before?.kind === "handled" ? before.value : {};
  return written(handledPath(handles), "handled", { ...known, retriedBy: run, end: null });
}

function stepTouches(
  step: CheckedStep,
  event: EventOf<"effect-intended" | "step-finished">,
): readonly Touch[] {
  const path = attemptPath(event.run, event, event.attempt);
  const attempt: Touch = {
    path,
    problems: (after) => attemptProblems(event, recordBefore(step, path), after),
  };
  // What the receipts must say needs every event of the record: see verify-step.ts.
  const dropped = event.kind === "step-finished" && isDone(event.outcome);
  return [
    attempt,
    ...(event.effect === null ? [] : [allowed(receiptPath(event.effect.base))]),
    ...(dropped ? [allowed(checkpointsPath(event.run, event))] : []),
    ...(event.kind === "step-finished" && event.cache !== undefined
      ? [cachedTouch(step, path, event.cache)]
      : []),
  ];
}

function checkpointed(event: EventOf<"step-checkpointed">): Touch {
  const { run, step, item, attempt, at, checkpoints } = event;
  const path = checkpointsPath(run, event);
  const record = written(path, "checkpoints", { run, step, item, attempt, savedAt: at });
  return {
    path,
    problems: (after) => [
      ...record.problems(after),
      ...(after?.kind === "checkpoints" && !same(digestsOf(after.value), checkpoints)
        ? [wrong("its checkpoints are not those of the event")]
        : []),
    ],
  };
}

/** What other runs may take over is what the attempt gave. */
function cachedTouch(step: CheckedStep, attempt: string, key: string): Touch {
  const path = cachedPath(key);
  const made = step.within.get(attempt) ?? recordAfter(step, attempt);
  if (made?.kind !== "attempt") return allowed(path);
  const { run, step: id, item, attempt: number, agent, rung, rationale, outputs } = made.value;
  const facts = { key, run, step: id, item, attempt: number, agent, rung, rationale, outputs };
  const record = written(path, "cached", facts);
  const keyed = made.value.key === key ? [] : [wrong("its key is not that of the attempt")];
  return { path, problems: (after) => [...record.problems(after), ...keyed] };
}

/** A wait that ended before its time would have let the run go on too early. */
function waitTouch(step: CheckedStep, event: EventOf<"wait-ended">): Touch {
  const { run, step: id, since, until, at, outcome, reason } = event;
  const facts = { run, step: id, since, until, at, outcome, reason };
  const touch = once(step, written(waitPath(run, id), "wait", facts));
  const isEarly = outcome === "succeeded" && (until === null || until > at);
  return isEarly ? { ...touch, problems: () => [wrong("it ended before its time")] } : touch;
}

function runFinished(step: CheckedStep, event: EventOf<"run-finished">): readonly Touch[] {
  const before = step.before.get(runFolder(event.run)) ?? [];
  const ended = [...step.within].filter(([path]) => folderOf(path) === runFolder(event.run));
  const open = [...new Map([...before, ...ended])];
  const gates = [...(step.before.get("gates") ?? [])].filter(
    ([, record]) => record.kind === "gate" && record.value.run === event.run,
  );
  const path = closedRunPath(event.run, event.at);
  const closed: Touch = {
    path,
    problems: (after) =>
      closedRunProblems(
        event,
        open.map(([, record]) => record),
        after,
      ),
  };
  const answered = requestsBefore(step, ({ value }) => isAnsweredByEnd(value, event.run));
  return [
    closed,
    ...reworkTouches(event),
    ...handledTouches(event),
    ...[...open, ...gates].flatMap(([gone]) => (step.within.has(gone) ? [] : [removed(gone)])),
    ...savedWithin(step, event.run).map(removed),
    ...answered.map(removed),
  ];
}

function reworkTouches({ rework, run, at }: EventOf<"run-finished">): readonly Touch[] {
  if (rework === undefined) return [];
  const request = { id: rework, kind: "retry", run, endedAt: at };
  return [written(requestPath(rework), "request", request)];
}

/** What a step saved in the commit that ends its run goes with the run. */
function savedWithin({ events }: CheckedStep, run: string): readonly string[] {
  return events.flatMap((event) =>
    event.kind === "step-checkpointed" && event.run === run ? [checkpointsPath(run, event)] : [],
  );
}

/** The item's record gets the end of the run and changes in nothing else. */
function handledTouches(event: EventOf<"run-finished">): readonly Touch[] {
  const { run, project, pipeline, result, reason, at, outputs, handled } = event;
  const end = { result, reason, at, outputs };
  if (event.parent === undefined) {
    return handled === undefined
      ? []
      : [written(handledPath(handled), "handled", { run: handled, end, retriedBy: undefined })];
  }
  const { run: parent, step, item } = event.parent;
  const facts = { run, project, pipeline, parent, step, item, end };
  return [written(handledPath(run), "handled", facts)];
}
