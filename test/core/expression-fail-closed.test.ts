import { expect, test } from "vitest";
import { compileExpression, type Evaluation } from "#runner/core/expression/expression.ts";
import { DYN } from "#runner/core/expression/value-type.ts";

const scope = { data: DYN };
const values = { data: { nothing: null, wrong: { a: 1 }, one: 1, yes: true } };

const BAD_OPERANDS = ["data.nothing", "data.missing", "data.wrong", "data.missing.deeper"];

const operations = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!="].flatMap((operator) =>
  BAD_OPERANDS.flatMap((bad) => [`${bad} ${operator} 1`, `1 ${operator} ${bad}`]),
);
const memberships = BAD_OPERANDS.flatMap((bad) => [
  `${bad} in [1]`,
  `1 in ${bad}`,
  `1 in [1, ${bad}]`,
]);
const texts = BAD_OPERANDS.flatMap((bad) => [
  `"a" < ${bad}`,
  `${bad} == "paid"`,
  `${bad} != "paid"`,
]);
const logical = BAD_OPERANDS.flatMap((bad) => [
  `${bad} && true`,
  `${bad} && false`,
  `true && ${bad}`,
  `false && ${bad}`,
  `${bad} || true`,
  `${bad} || false`,
  `true || ${bad}`,
  `false || ${bad}`,
  `!${bad}`,
  `${bad} ? true : true`,
]);
const calls = BAD_OPERANDS.flatMap((bad) => [
  `first(${bad})`,
  `sum([${bad}])`,
  `startsWith(${bad}, "a")`,
  `startsWith("a", ${bad})`,
  `format("%s", [${bad}])`,
  `-${bad}`,
  `${bad}[0]`,
  `data[${bad}]`,
  `${bad}.exists(i, true)`,
  `[1].exists(i, ${bad})`,
  `[1].all(i, ${bad})`,
  `[1].filter(i, ${bad})`,
]);

const badExpressions = [...operations, ...memberships, ...texts, ...logical, ...calls];

test.for(badExpressions)("%s holds", (source) => {
  expect(reasonOf(source)).not.toBe("");
});

const SURROUNDINGS = [
  "true || (E) == 1",
  "(E) == 1 || true",
  "false && (E) == 1",
  "(E) == 1 && false",
  "!((E) == 1)",
  "(E) == 1 ? true : true",
  "true ? (E) == 1 : true",
  "(E) in [1]",
  "1 in [1, (E)]",
  "[(E)]",
  '{"a": (E)}',
  "size([(E)]) >= 0",
  "[1, 2].exists(i, i == 1 || (E) == 1)",
  "[1, 2].exists(i, i == 1 ? true : (E) == 1)",
  "[1, 2].all(i, i == 2 && (E) == 1)",
  "[1, 2].exists_one(i, i == 1 || (E) == 1)",
  "[1].filter(i, (E) == 1 || true)",
  "[1].map(i, (E))",
  "[1].map(i, true || (E) == 1, i)",
  "data.?missing.orValue(E)",
  "(E) != null || true",
].flatMap((surrounding) =>
  ["data.missing + 1", "data.nothing + 1", "data.wrong + 1", "1 / 0", "first([])"].map((bad) =>
    surrounding.replaceAll("E", bad),
  ),
);

test.for(SURROUNDINGS)("%s holds, whatever stands around it", (source) => {
  expect(reasonOf(source)).not.toBe("");
});

test.for([
  ["has(data.missing) && data.missing > 1", false],
  ["has(data.nothing) && data.nothing > 1", false],
  ["!has(data.missing) || data.missing > 1", true],
  ["data.missing == null || data.missing > 1", true],
  ["data.nothing != null && data.nothing > 1 && data.nothing < 3", false],
  ["has(data.missing) && data.missing.a == 1 && data.missing.b == 2", false],
  ["(has(data.missing) && data.yes) && data.missing > 1", false],
  ["!(data.missing == null || data.yes) && data.missing > 1", false],
  ["data.?missing.hasValue() && data.missing > 1", false],
  ["data.?missing.?deeper.hasValue() && data.missing.deeper > 1", false],
  ["has(data.missing) ? data.missing > 1 : true", true],
  ["null == data.nothing", true],
  ["data.one != null", true],
] as const)("%s is decided by its guard", ([source, expected]) => {
  expect(evaluate(source)).toEqual({ ok: true, value: expected });
});

test("null in an empty list is still no operand", () => {
  expect(reasonOf("data.nothing in []")).not.toBe("");
});

test("an operand that guards nothing does not keep what follows from being evaluated", () => {
  expect(reasonOf("data.one == 2 && data.missing > 1")).toBe("`data.missing` is missing");
});

function reasonOf(source: string): string {
  const result = evaluate(source);
  return result.ok ? "" : result.reason;
}

function evaluate(source: string): Evaluation {
  const compiled = compileExpression(source, scope);
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join("\n"));
  return compiled.evaluate(values);
}
