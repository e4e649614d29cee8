import { expect, test } from "vitest";
import { StateFormatError } from "#runner/loop/state-format.ts";
import { failureOf } from "#runner/verbs/failure.ts";

test.each([
  [
    Object.assign(new Error("EACCES"), { code: "EACCES", path: "/x/.git" }),
    "/x/.git: permission denied",
  ],
  [Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }), "the disk is full"],
  [
    Object.assign(new Error("ENOSPC"), { code: "ENOSPC", path: "/from", dest: "/to" }),
    "/to: the disk is full",
  ],
])("a broken world is told plainly, without a stack: %s", (error, problem) => {
  const answer = failureOf(error);

  expect(answer.exit).toBe("temporary");
  expect(answer.problem?.split("\n")[0]).toBe(problem);
  expect(answer.problem).not.toContain("    at ");
});

test.each(["spawn git ENOENT", "git cat-file --batch-command ended with 127: no message"])(
  "a missing git is told as that: %s",
  (message) => {
    expect(failureOf(new Error(message))).toMatchObject({
      exit: "usage",
      problem: expect.stringContaining("git is not installed"),
    });
  },
);

test("a state of another format is refused with its hint", () => {
  expect(failureOf(new StateFormatError(3, "upgrade fettle"))).toMatchObject({
    exit: "usage",
    problem: expect.stringMatching(/^this state has format 3, .*\n {2}upgrade fettle$/),
  });
});

test("everything else is a bug, with its stack", () => {
  const answer = failureOf(new TypeError("x is not a function"));

  expect(answer.exit).toBe("bug");
  expect(answer.problem).toContain("please report it\nTypeError: x is not a function\n    at ");
  expect(answer.json).toMatchObject({ error: { code: "bug" } });
});
