import { expect, test } from "vitest";
import { foldEvents, NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { GoalState, LiveProject } from "#runner/schema/types.gen.ts";
import { applied, runFinished } from "../support/ledger-events.ts";

function liveAfter(...events: readonly LedgerEvent[]): LiveProject | undefined {
  return foldEvents(NO_SUMMARIES, [applied(), ...events]).projects.get("shop");
}

function goalAfter(...events: readonly LedgerEvent[]): GoalState | undefined {
  return liveAfter(...events)?.goals["paid"];
}

const unmet = { value: 3, met: false };
const [t1, t2, t3, t4] = ["02", "03", "04", "05"].map((day) => `2026-11-${day}T00:00:00.000Z`);
if (t1 === undefined || t2 === undefined || t3 === undefined || t4 === undefined)
  throw new Error("four days");

test("a measurement is booked with its value, its run and its time", () => {
  expect(goalAfter(runFinished({ at: t1, run: "goal.paid.x", measure: unmet }))).toEqual({
    value: 3,
    met: false,
    measuredAt: t1,
    measuredBy: "goal.paid.x",
    unmetRuns: 0,
    lastRunEndedAt: null,
    history: [{ at: t1, value: 3 }],
  });
});

test("a run counts against the goal when the measurement after it is still unmet, once", () => {
  const run = runFinished({ at: t2 });
  const after = [
    runFinished({ at: t1, measure: unmet }),
    run,
    runFinished({ at: t3, measure: unmet }),
  ];

  expect(goalAfter(...after)).toMatchObject({ unmetRuns: 1, lastRunEndedAt: t2 });
  expect(goalAfter(...after, runFinished({ at: t4, measure: unmet }))).toMatchObject({
    unmetRuns: 1,
  });
  expect(
    goalAfter(...after, runFinished({ at: t4, measure: { value: 0, met: true } })),
  ).toMatchObject({ unmetRuns: 0 });
});

test("an unknown value says why, and counts neither for nor against", () => {
  const known = [
    runFinished({ at: t1, measure: unmet }),
    runFinished({ at: t2 }),
    runFinished({ at: t3, measure: unmet }),
  ];
  const unknown = runFinished({ at: t4, measure: { value: null, met: null } });

  expect(goalAfter(...known, unknown)).toMatchObject({ met: null, unmetRuns: 1, reason: "no key" });
  expect(
    goalAfter(...known, unknown, runFinished({ at: t4, measure: unmet }))?.reason,
  ).toBeUndefined();
});

test("a measurement is not a run of the goal's pipelines", () => {
  expect(goalAfter(runFinished({ at: t1, measure: unmet }))?.lastRunEndedAt).toBeNull();
  expect(
    liveAfter(runFinished({ at: t1, measure: unmet }))?.pipelines["chase"]?.lastRun,
  ).toBeUndefined();
});

test("sixty measurements are kept, and none of a goal that is gone", () => {
  const many = Array.from({ length: 70 }, (_, value) =>
    runFinished({ measure: { value, met: false } }),
  );

  expect(goalAfter(...many)?.history.map(({ value }) => value)).toEqual(
    Array.from({ length: 60 }, (_, index) => index + 10),
  );
  expect(liveAfter(runFinished({ goal: "gone", measure: unmet }))?.goals["gone"]).toBeUndefined();
});
