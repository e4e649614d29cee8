import { expect, test } from "vitest";
import * as fc from "fast-check";
import {
  agentStepsAfter,
  agentStepsBefore,
  inOrder,
  isGateStep,
  needsOf,
  shownSteps,
} from "#runner/core/step-graph.ts";
import { gateStep, pipeline, step } from "../support/core-builders.ts";

test.each([
  [
    "with",
    step("x", { with: { a: ["${{ steps.a.outputs.n }} and ${{ steps.b.outputs.n }}"] } }),
    ["a", "b"],
  ],
  ["if", step("x", { if: "steps.a.outcome == 'noop'" }), ["a"]],
  [
    "forEach and itemKey",
    step("x", { forEach: "${{ steps.a.items }}", itemKey: "${{ item.key }}" }),
    ["a"],
  ],
  ["once", step("x", { once: { key: "k/${{ steps.a.outputs.id }}" } }), ["a"]],
  ["needs", step("x", { needs: ["b", "a"] }), ["b", "a"]],
  [
    "needs and a reference, once each",
    step("x", { needs: ["a"], with: { n: "${{ steps.a.outputs.n }}" } }),
    ["a"],
  ],
  ["what a gate shows", gateStep("x", { drafts: "${{ steps.a.items }}" }), ["a"]],
  ["nothing", step("x", { with: { text: "steps.a is only text" } }), []],
])("a step waits for what it names in %s", (_, one, needs) => {
  expect(needsOf(one)).toEqual(needs);
});

const diamond = pipeline([
  step("end", { needs: ["left", "review"] }),
  gateStep("review", { x: "${{ steps.right.items }}" }),
  step("left", { needs: ["start"] }),
  step("right", { needs: ["start"] }),
  step("start"),
  step("alone"),
]);

test("every step comes after its needs, otherwise as written", () => {
  expect(inOrder(diamond.steps).map(({ id }) => id)).toEqual([
    "start",
    "alone",
    "left",
    "right",
    "review",
    "end",
  ]);
});

test("any graph without cycles is put in order, and none loses a step", () => {
  const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 15 });

  fc.assert(
    fc.property(edges, (pairs) => {
      const steps = Array.from({ length: 8 }, (_, index) => {
        const needs = pairs.filter(([later, earlier]) => later === index && earlier < later);
        return step(`s${index}`, { needs: needs.map(([, earlier]) => `s${earlier}`) });
      });
      const order = inOrder(steps.toReversed()).map(({ id }) => id);

      expect(order.toSorted()).toEqual(steps.map(({ id }) => id));
      for (const one of steps)
        for (const need of needsOf(one))
          expect(order.indexOf(need)).toBeLessThan(order.indexOf(one.id));
    }),
  );
});

test("a cycle does not hang the order", () => {
  const order = inOrder([step("a", { needs: ["b"] }), step("b", { needs: ["a"] }), step("c")]);

  expect(order.map(({ id }) => id)).toEqual(["c", "a", "b"]);
});

test("what comes before and after is followed through other steps and gates", () => {
  expect(agentStepsBefore(diamond, "end").map(({ id }) => id)).toEqual(["left", "right", "start"]);
  expect(agentStepsAfter(diamond, "right").map(({ id }) => id)).toEqual(["end"]);
  expect(agentStepsAfter(diamond, "start").map(({ id }) => id)).toEqual(["end", "left", "right"]);
  expect(agentStepsAfter(diamond, "alone")).toEqual([]);
});

test("steps that a gate shows are those whose files wait for it", () => {
  expect(shownSteps(diamond)).toEqual(new Set(["right"]));
  expect(diamond.steps.filter(isGateStep).map(({ id }) => id)).toEqual(["review"]);
});
