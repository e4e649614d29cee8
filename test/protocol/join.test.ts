/** Which commits may become one: only those of which nothing is lost by it. */
import { expect, test } from "vitest";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { attemptPath, checkpointsPath, requestPath, runPath } from "#runner/core/state-path.ts";
import { canJoin } from "#runner/protocol/join.ts";
import type { Recorded } from "#runner/protocol/rebase.ts";
import { attempt, MAIN, runRecord } from "../support/core-records.ts";
import {
  delivered,
  gateOpened,
  gateSettled,
  intended,
  runFinished,
  started,
  stepCheckpointed,
  stepFinished,
  waitEnded,
} from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const OTHER = "chase.bbbbbbbbbbbb";
const UNIT = { step: "draft", item: null };
const AT = "2026-11-01T00:00:00.000Z";

function recorded(event: LedgerEvent, files: Record<string, object | null> = {}): Recorded {
  return { event, files: new Map(Object.entries(files)) };
}

/** What the last commit holds is what each of them held. */
function join(...booked: readonly Recorded[]): boolean {
  return canJoin(booked, booked);
}

const start = recorded(started(), { [runPath(RUN)]: runRecord() });
const result = recorded(stepFinished(), { [attemptPath(RUN, UNIT, 1)]: attempt("draft") });
const end = recorded(runFinished());

test("A run from its start to its end is one commit.", () => {
  expect(join(start, result, recorded(waitEnded()), end)).toBe(true);
});

test("What an event has left behind must be there in the end: another state may need it again.", () => {
  const request = recorded(
    { kind: "request-made", at: AT, project: "shop", request: "1", by: "ada", asks: "run" },
    { [requestPath("1")]: { id: "1" } },
  );
  const gone = recorded(request.event, { [requestPath("1")]: null });
  const saved = recorded(stepCheckpointed(), { [checkpointsPath(RUN, UNIT)]: { page: 3 } });
  const later = recorded(saved.event, { [checkpointsPath(RUN, UNIT)]: { page: 4 } });

  expect(canJoin([request, start], [request, start])).toBe(true);
  expect(canJoin([request, start], [gone, start])).toBe(false);
  expect(canJoin([saved, result], [later, result])).toBe(false);
  expect(canJoin([start, result], [recorded(start.event), result])).toBe(false);
  expect(canJoin([start, result], [start])).toBe(false);
});

test("What a permission has left behind is not looked at: on another state it is refused.", () => {
  const path = attemptPath(RUN, { step: "send", item: null }, 1);
  const intent = recorded(intended(), { [path]: attempt("send", { state: "intended" }) });
  const acted = recorded(intended(), { [path]: attempt("send", { state: "finished" }) });

  expect(canJoin([intent, result], [acted, result])).toBe(true);
});

const apart: readonly LedgerEvent[] = [
  delivered({ paths: ["a"] }),
  { kind: "clock-set-right", at: AT, project: "", day: "2026-11-01" },
  {
    kind: "rewrite-accepted",
    at: AT,
    project: "",
    from: MAIN,
    to: MAIN,
    by: "ada",
    reason: "",
  },
  {
    kind: "state-compacted",
    at: AT,
    project: "",
    base: MAIN,
    runs: [],
    hours: [],
    days: [],
    receiptsBefore: null,
  },
];

test.each(apart.map((event) => [event.kind, event] as const))(
  "%s stands alone: other refs go with it, or it speaks of the commit before.",
  (_, event) => {
    expect(join(start, recorded(event))).toBe(false);
  },
);

test("A gate does not appear and disappear in one commit: its end is judged by how it stood before.", () => {
  const opened = recorded(gateOpened({ run: RUN, gate: "g1" }));
  const settled = recorded(gateSettled({ run: RUN, gate: "g1" }));

  const queued = recorded({
    kind: "gate-queued",
    at: AT,
    project: "shop",
    run: RUN,
    step: "review",
    gate: "g1",
    answerBy: null,
  });

  expect(join(result, queued, opened)).toBe(true);
  expect(join(opened, recorded(gateOpened({ run: RUN, gate: "g2" })))).toBe(true);
  expect(join(opened, settled)).toBe(false);
});

test("What was approved in an earlier run is taken over by a run that stands there already.", () => {
  const kept = recorded(gateSettled({ run: RUN, gate: null, via: "earlier-run" }));

  expect(join(start, kept)).toBe(false);
  expect(join(result, kept)).toBe(true);
});

test.each([
  ["a decision", (run: string) => gateSettled({ run, gate: null })],
  ["a checkpoint", (run: string) => stepCheckpointed({ run })],
  ["an intent", (run: string) => intended({ run })],
  ["an open gate", (run: string) => gateOpened({ run })],
])("The end of a run does not tell of %s of the same commit.", (_, eventOf) => {
  expect(join(recorded(eventOf(RUN)), end)).toBe(false);
  expect(join(recorded(eventOf(OTHER)), end)).toBe(true);
});

test("An event file stays small enough to be read as a whole.", () => {
  const many = Array.from({ length: 512 }, () => result);

  expect(join(...many)).toBe(true);
  expect(join(...many, result)).toBe(false);
});
