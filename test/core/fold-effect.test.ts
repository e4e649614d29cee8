import { expect, test } from "vitest";
import { foldEvents, NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import { intended } from "../support/ledger-events.ts";

test("An effect counts once, though another runner takes its intent over.", () => {
  const once = foldEvents(NO_SUMMARIES, [intended()]);
  const over = foldEvents(NO_SUMMARIES, [intended(), intended({ takenOver: true })]);

  expect(over.workspace.effects).toEqual(once.workspace.effects);
});
