import { expect, test } from "vitest";
import { changedLines } from "#runner/core/changed-lines.ts";

test.each([
  ["", "", 0],
  ["", "a\n", 1],
  ["a\nb\n", "a\nb\n", 0],
  ["a\nb\n", "b\na\n", 0],
  ["a\nb\n", "a\nc\n", 2],
  ["a\na\n", "a\n", 1],
  ["a", "a\n", 0],
  ["a\n", "", 1],
])("from %j to %j %d lines change", (before, after, lines) => {
  expect(changedLines(before, after)).toBe(lines);
});
