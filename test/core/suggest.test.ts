import { expect, test } from "vitest";
import { closest } from "#runner/core/suggest.ts";

test.for([
  ["overdu", ["overdue", "number"], "overdue"],
  ["nubmer", ["number", "member"], "number"],
  ["Number", ["number"], "number"],
  ["a", ["b"], "b"],
  ["", ["b", "ab"], "b"],
  ["abc", ["abd", "abe"], "abd"],
  ["client", ["invoice", "amount"], undefined],
  ["xy", ["abcdef"], undefined],
  ["word", [], undefined],
] as const)("of what was meant by %j, the nearest of %o is %s", ([word, candidates, expected]) => {
  expect(closest(word, candidates)).toBe(expected);
});
