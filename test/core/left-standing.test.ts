import { expect, test } from "vitest";
import { actingChildren, deedsOf } from "#runner/core/undo/left-standing.ts";
import type { ChildEnd, Pipeline } from "#runner/schema/types.gen.ts";
import { pipeline, pipelineStep, step } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

const ACTING = pipeline([step("pay", { once: { key: "a" } })]);
const THINKING = pipeline([step("think")]);
const CHILD: ChildEnd = {
  step: "each",
  item: "a",
  run: "handle.aaaaaaaaaaaa",
  outcome: "succeeded",
  result: "succeeded",
};

function leftBy(
  called: Readonly<Record<string, Pipeline>>,
  child: Partial<ChildEnd> = {},
): unknown {
  const spec = {
    pipeline: pipeline([pipelineStep("each", "handle")]),
    pipelines: new Map(Object.entries(called)),
  };
  return actingChildren(spec, [{ ...CHILD, ...child }]);
}

test("a run that may have acted for another one stands, as does one whose own children may have", () => {
  const nested = { handle: pipeline([pipelineStep("more", "deep")]), deep: ACTING };

  expect(leftBy({ handle: ACTING })).toEqual([CHILD.run]);
  expect(leftBy(nested)).toEqual([CHILD.run]);
});

test.each<[string, Readonly<Record<string, Pipeline>>, Partial<ChildEnd>]>([
  ["acts on nothing", { handle: THINKING }, {}],
  ["failed, and has undone what it did", { handle: ACTING }, { outcome: "failed" }],
  ["was another run's", { handle: ACTING }, { outcome: "noop" }],
  ["calls itself and acts on nothing", { handle: pipeline([pipelineStep("x", "handle")]) }, {}],
])("nothing stands of a run that %s", (_, called, child) => {
  expect(leftBy(called, child)).toEqual([]);
});

test("what a run did is what it did itself, and what undid nothing", () => {
  const effect = { key: "k", base: "b", ordinal: 1, onceKey: "pay/1" };
  const attempts = [
    attempt("pay", { effect }),
    attempt("tell", { effect: { ...effect, onceKey: "told" }, outcome: "uncertain" }),
    attempt("again", { effect: { ...effect, onceKey: "noop" }, outcome: "noop" }),
    attempt("pay-undo", { effect: { ...effect, onceKey: "undo/pay/pay/1" } }),
    attempt("think"),
  ];

  expect(deedsOf({ attempts })).toEqual(["pay/1", "told"]);
});
