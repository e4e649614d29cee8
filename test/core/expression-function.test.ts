import { expect, test } from "vitest";
import { compileExpression, type Evaluation } from "#runner/core/expression/expression.ts";

test.for([
  ["format('%s', [])", "there is no value for place 1"],
  ["format('%s', ['a', 'b'])", "has 2 values for 1 places"],
  ["format('%d', ['a'])", "`%d` does not take value 1"],
  ["format('%d', [1.5])", "`%d` does not take value 1"],
  ["format('%f', ['a'])", "`%f` does not take value 1"],
  ["format('%s', [[1]])", "`%s` does not take value 1"],
  ["format('%x', [1])", "`%x` does not take value 1"],
  ["format('100%', [1])", "`%` does not take value 1"],
  ["format('%.99f', [1.0])", "does not take value 1"],
  ["replace('a', '', 'b')", "the text to replace is empty"],
  ["substring('abc', 4)", "4 to 3 is not inside a text of 3"],
  ["substring('abc', 2, 1)", "2 to 1 is not inside"],
  ["substring('abc', 0, 4)", "0 to 4 is not inside"],
  ["substring('abc', -1)", "-1 to 3 is not inside"],
  ["last([])", "the list is empty"],
  ["int('1.5')", '"1.5" is no integer'],
  ["int('')", "is no integer"],
  ["int('9223372036854775808')", "does not fit in 64 bits"],
  ["int(1e300)", "does not fit in 64 bits"],
  ["double('1,5')", '"1,5" is no number'],
  ["double('1e999')", "is no number"],
  ["slug('!?')", "has no letter or digit to keep"],
  ["sum([9223372036854775807, 1])", "does not fit in 64 bits"],
  ["sum([1e308, 1e308])", "the sum is too large"],
  ["daysBetween('soon', '2026-11-22')", '"soon" is no date'],
  ["addDuration('2026-11-22', 'soon')", '"soon" is no duration'],
])("%s holds: %s", ([source = "", reason = ""]) => {
  expect(evaluate(source)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

test.for([
  ["format('%d%% of %s, %.1f, %f', [5, true, 2, 0.5])", "5% of true, 2.0, 0.500000"],
  ["format('', [])", ""],
  ["slug('  Ünïted—Straße 7! ')", "united-strasse-7"],
  ["size('a😀')", 2],
  ["sum([])", 0],
  ["sum([1, 2.5])", 3.5],
  ["sum([0.1, 0.2])", 0.1 + 0.2],
  ["int(-2.9)", -2],
  ["double(2) / 4.0", 0.5],
  ["0.0 * -1.0", 0],
] as const)("%s is %j", ([source, value]) => {
  expect(evaluate(source)).toEqual({ ok: true, value });
});

function evaluate(source: string): Evaluation {
  const compiled = compileExpression(source, {});
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join("\n"));
  return compiled.evaluate({});
}
