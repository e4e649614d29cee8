import { expect, test } from "vitest";
import { closest, findNamed } from "#runner/core/suggest.ts";

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

const NAMED = [
  { name: "mail-ab" },
  { name: "mail-abcd" },
  { name: "mail-x" },
  { name: "shop/note", also: ["note"] },
  { name: "home/note", also: ["note"] },
  { name: "shop/mail-a", also: ["mail-a"] },
];

test.for([
  ["mail-abcd", true, "mail-abcd"],
  ["mail-ab", true, "mail-ab"],
  ["mail-abc", true, "mail-abcd"],
  ["mail-a", true, "shop/mail-a"],
  ["mail-", true, ["mail-ab", "mail-abcd", "mail-x"]],
  ["note", false, ["shop/note", "home/note"]],
  ["shop/note", false, "shop/note"],
  ["mail-abc", false, { closest: "mail-ab" }],
  ["nothing-like-it", true, { closest: null }],
] as const)("%j (by its start: %s) means %j", ([word, byStart, expected]) => {
  const meant = findNamed(word, NAMED, { byStart });

  const told =
    meant.kind === "found"
      ? meant.found.name
      : meant.kind === "ambiguous"
        ? meant.names
        : { closest: meant.closest };
  expect(told).toEqual(expected);
});
