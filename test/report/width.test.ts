import { expect, test } from "vitest";
import * as fc from "fast-check";
import { cutToWidth, displayWidth, wrapText } from "#runner/report/width.ts";

test.each([
  ["plain", 5],
  ["Müller", 6],
  ["u\u0308", 1],
  ["日本語", 6],
  ["한국", 4],
  ["ﬁ", 1],
  ["Ｆ", 2],
  ["👍", 2],
  ["👩‍👩‍👧", 2],
  ["🇩🇪", 2],
  ["❤️", 2],
  ["✓", 1],
  ["◷", 1],
  ["⠹", 1],
  ["█", 1],
])("%s takes %i columns", (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

test.each([
  ["short", 10, "short"],
  ["too long for it", 8, "too lon…"],
  ["日本語です", 6, "日本…"],
  ["👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"],
  ["abc", 0, ""],
])("%s cut to %i columns is %s", (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut);
});

test("a cut text never takes more than its columns", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, columns) => {
      expect(displayWidth(cutToWidth(text, columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test("a paragraph breaks at spaces and leaves a long command whole", () => {
  const lines = wrapText("approve with git-merge-that-is-long now", 12);

  expect(lines).toEqual(["approve with", "git-merge-that-is-long", "now"]);
});
