import { expect, test } from "vitest";
import { requestOf } from "#runner/runtimes/agent-request.ts";
import { proseData, withFeedback } from "#runner/runtimes/rung-result.ts";
import type { Invocation } from "#runner/runtimes/invocation.ts";
import { agent } from "../support/core-builders.ts";

const invocation: Invocation = {
  run: "chase.a",
  step: "draft",
  item: null,
  attempt: 1,
  key: "sha256:aa",
  project: "shop",
  projectDir: "projects/shop",
  asOf: null,
  agent: agent("writer"),
  inputs: {},
  files: [],
  writes: [],
  memory: [],
  secrets: {},
  models: {},
  timeoutMs: 1000,
};
const told: Invocation = { ...invocation, feedback: "too long" };

test("a program finds the operator's words in its request, where there are any", () => {
  expect(requestOf(told, null)).toMatchObject({ feedback: "too long" });
  expect(requestOf(invocation, null)).not.toHaveProperty("feedback");
});

test("a prompt may name the words, and where nothing was said they are empty", () => {
  expect([proseData(told)["feedback"], proseData(invocation)["feedback"]]).toEqual([
    "too long",
    "",
  ]);
});

test.each([
  ["a prompt that does not name them is followed by them", "Write.", told, "too long"],
  ["a prompt that names them is left as it is", "{{feedback}}", told, null],
  ["without words nothing follows", "Write.", invocation, null],
] as const)("%s", (_, source, given, words) => {
  const text = withFeedback("Write.", source, given);

  expect(words === null ? text === "Write." : text.endsWith(words)).toBe(true);
});
