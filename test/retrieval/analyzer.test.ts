import { expect, test } from "vitest";
import { termsOf } from "#runner/retrieval/analyzer.ts";
import { porter2 } from "#runner/retrieval/porter2.ts";

test.each([
  ["consign consigned consigning consignment", "consign"],
  ["knack knacks", "knack"],
  ["generate generated generating", "generat"],
  ["general generally", "general"],
  ["national nationality", "nation"],
  ["hopping hopped hops hop", "hop"],
  ["hoping hoped hopes hope", "hope"],
  ["cries cried cry", "cri"],
  ["ties tied tie tying", "tie"],
  ["agreed agree", "agre"],
  ["payment payments", "payment"],
  ["relational relate", "relat"],
  ["possibly possible", "possibl"],
  ["happily happy", "happili happi"],
  ["adoption adopt", "adopt"],
  ["sky skies", "sky"],
  ["proceed", "proceed"],
  ["controlling controlled control", "control"],
  ["say", "say"],
  ["by", "by"],
  ["youth", "youth"],
])("%s have the stem %s", (words, stems) => {
  expect([...new Set(words.split(" ").map(porter2))].join(" ")).toBe(stems);
});

test("accents, letter case, possessives and stop words do not count", () => {
  expect(termsOf("What did Zürich's PRINTERS say? Größe")).toEqual(
    termsOf("zurich printer say große"),
  );
  expect(termsOf("what did the of und oder")).toEqual([]);
});

test("a word with a number in it is left as it is", () => {
  expect(termsOf("NW-2026-050s a4s")).toEqual(["nw", "2026", "050s", "a4s"]);
});

test("German plurals are found by their singular", () => {
  expect(termsOf("Mahnungen Freiheiten")).toEqual(termsOf("Mahnung Freiheit"));
});
