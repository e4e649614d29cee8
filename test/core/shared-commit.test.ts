import { expect, test } from "vitest";
import type { Action } from "#runner/core/action.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { sharesCommit } from "#runner/core/shared-commit.ts";
import { started, stepFinished, waitEnded } from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const END: Action = {
  kind: "run-finish",
  project: "shop",
  because: "every step is done",
  run: RUN,
  result: "succeeded",
  reason: "every step is done",
  outputs: {},
  serves: [],
  goal: null,
};

const waiting = (...events: readonly LedgerEvent[]): readonly { event: LedgerEvent }[] =>
  events.map((event) => ({ event }));

test("the end of a run shares the commit of its results and waits, which the closed run holds", () => {
  const results = waiting(stepFinished({ run: RUN }), waitEnded({ run: RUN }));

  expect(sharesCommit([END], results)).toBe(true);
  expect(sharesCommit([{ ...END, kind: "run-cancel" }], results)).toBe(true);
});

test("the end of a run does not share the commit of its start, which would be nowhere then", () => {
  expect(sharesCommit([END], waiting(started({ run: RUN })))).toBe(false);
  expect(sharesCommit([{ ...END, kind: "run-cancel" }], waiting(started({ run: RUN })))).toBe(
    false,
  );
  expect(sharesCommit([END], waiting(started({ run: "chase.bbbbbbbbbbbb" })))).toBe(true);
});
