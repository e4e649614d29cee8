import { expect, test } from "vitest";
import { matchesAnyGlob, matchesGlob } from "#runner/core/glob.ts";

test.each([
  ["a/b.csv", "a/b.csv", true],
  ["a/b.csv", "a/bxcsv", false],
  ["*.csv", "a.csv", true],
  ["*.csv", "a/b.csv", false],
  ["a/*", "a/.hidden", true],
  ["a/*", "a", false],
  ["a/?.md", "a/明.md", true],
  ["a/?.md", "a/bb.md", false],
  ["**", "a/b/c", true],
  ["a/**", "a/b/c", true],
  ["a/**", "ab/c", false],
  ["a/**/z", "a/z", true],
  ["a/**/z", "a/b/c/z", true],
  ["a/**/z", "a/b/c/y", false],
  ["**/pipelines/**", "projects/x/pipelines/a.yaml", true],
  ["**/x/*.md", "x/a/x/b.md", true],
  ["a*b*c", "aXbXbXc", true],
  ["a*b*c", "aXcXb", false],
  ["**a", "b/a", false],
  ["[a]", "a", false],
])("%s against %s is %s", (glob, path, matches) => {
  expect(matchesGlob(glob, path)).toBe(matches);
});

test("a hostile pattern costs no more than its length times the path's", () => {
  expect(matchesGlob("*a".repeat(200), "a".repeat(5000) + "b")).toBe(false);
  expect(matchesGlob("**/a/".repeat(100) + "b", "a/".repeat(200) + "c")).toBe(false);
});

test("no pattern matches nothing", () => {
  expect(matchesAnyGlob([], "a")).toBe(false);
  expect(matchesAnyGlob(["b", "a"], "a")).toBe(true);
});
