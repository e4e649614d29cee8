import { expect, test } from "vitest";
import { isPermitted } from "#runner/core/undo/undo-run.ts";
import type { UndoRequest } from "#runner/schema/types.gen.ts";
import { EMPTY, NOW, openRun, pipeline, runContext } from "../support/core-builders.ts";
import { ADA } from "../support/core-records.ts";

const run = openRun(pipeline([]));
const { id, project } = run.record;
const asked: UndoRequest = {
  id: "undo-1",
  kind: "undo",
  project,
  pipeline: "chase",
  run: id,
  endedAt: null,
  by: ADA,
  reason: "",
  at: NOW,
};

test.each<[string, Partial<UndoRequest>, boolean]>([
  ["an operator's", {}, true],
  ["somebody else's", { by: "eve@elsewhere.example" }, false],
  ["about another run", { run: "chase.bbbbbbbbbbbb" }, false],
  ["about a run that has ended", { endedAt: NOW }, false],
])("at any risk a run is undone on a word that is %s: %o", (_, changes, isEnough) => {
  const observed = { ...EMPTY, requests: [{ ...asked, ...changes }] };

  expect(isPermitted(runContext(run, { observed }))).toBe(isEnough);
});
