import { expect, test } from "vitest";
import {
  evaluateCondition,
  evaluateValue,
  referencedSteps,
} from "#runner/core/expression/evaluate.ts";

const scope = {
  params: { days: 10, rate: 2.5, none: null, list: [1, 2] },
  steps: { find: { outputs: { n: 3 } } },
};

test.each([
  ["${{ params.days }}", 10],
  ["${{ params.list }}", [1, 2]],
  ["${{ params.none }}", null],
  ["in ${{ params.days }} days", "in 10 days"],
  ["no expression", "no expression"],
  [
    { a: ["${{ steps.find.outputs.n }}"], b: true },
    { a: [3], b: true },
  ],
  ["${{ params.days / 5 }}", 2],
  ["${{ params.rate / 2.0 }}", 1.25],
])("%j is %j", (template, value) => {
  expect(evaluateValue(template, scope)).toEqual({ ok: true, value });
});

test.each([
  ["a field that is missing", "${{ params.gone }}"],
  ["a variable that is not in scope", "${{ item.key }}"],
  ["a null inside a text", "in ${{ params.none }} days"],
  ["a null operand", "${{ params.none + 1 }}"],
  ["a division that depends on what nobody declared", "${{ params.days / 4 }}"],
  ["no expression at all", "${{ params. }}"],
])("%s has no value, and says why", (_, template) => {
  expect(evaluateValue(template, scope)).toEqual({
    ok: false,
    reason: expect.stringMatching(/\S/),
  });
});

test("a division says which one is meant by converting", () => {
  expect(evaluateValue("${{ int(params.days) / int(4) }}", scope)).toEqual({ ok: true, value: 2 });
  expect(evaluateValue("${{ double(params.days) / 4.0 }}", scope)).toEqual({
    ok: true,
    value: 2.5,
  });
});

test.each([
  ["params.days > 9", true],
  ["params.days > 10", false],
])("the condition %s is %s", (source, value) => {
  expect(evaluateCondition(source, scope)).toEqual({ ok: true, value });
});

test.each([
  "params.gone > 1 || true",
  "params.none == 1",
  "params.none != 'paid'",
  "params.days",
  "params.list > 1",
  "params.days >",
])("the condition %s is neither true nor false", (source) => {
  expect(evaluateCondition(source, scope)).toMatchObject({ ok: false });
});

test("references to steps are found wherever they stand, once each, in order", () => {
  const template = {
    b: "${{ steps.two.items }}",
    a: ["x ${{ steps.one.outputs.n }}", "${{ steps.two.items }}"],
    c: "steps.three",
  };

  expect(referencedSteps(template)).toEqual(["two", "one"]);
  expect(referencedSteps("${{ steps. }}")).toEqual([]);
});

test("a text is compiled once and gives each scope its own value", () => {
  const values = [1, 2].map((days) => evaluateValue("${{ params.days }}", { params: { days } }));

  expect(values).toEqual([1, 2].map((value) => ({ ok: true, value })));
});
