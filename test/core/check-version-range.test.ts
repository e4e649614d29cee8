import { expect, test } from "vitest";
import { agentReference, isInRange } from "#runner/core/check/check-version-range.ts";

test.each([
  ["2.3.4", "2", true],
  ["2.3.4", "2.3", true],
  ["2.3.4", "2.3.5", false],
  ["2.3.4", "^2", true],
  ["2.3.4", "^2.3.4", true],
  ["2.3.4", "^2.4", false],
  ["3.0.0", "^2", false],
  ["0.2.9", "^0.2.3", true],
  ["0.3.0", "^0.2.3", false],
  ["0.0.3", "^0.0.3", true],
  ["0.0.4", "^0.0.3", false],
  ["0.4.0", "^0", true],
  ["2.3.9", "~2.3.4", true],
  ["2.3.3", "~2.3.4", false],
  ["2.4.0", "~2.3.4", false],
  ["2.9.0", "~2", true],
])("%s in %s: %s", (version, range, isIn) => {
  expect(isInRange(version, range)).toBe(isIn);
});

test("a reference is a name with a range or without", () => {
  expect(agentReference("writer@^2")).toEqual({ name: "writer", range: "^2" });
  expect(agentReference("writer")).toEqual({ name: "writer", range: null });
});
