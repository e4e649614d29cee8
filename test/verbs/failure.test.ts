import { join } from "node:path";
import { expect, test } from "vitest";
import { StateFormatError } from "#runner/loop/state-format.ts";
import { killedError } from "#runner/repo/git.ts";
import { failureOf } from "#runner/verbs/failure.ts";
import { makeRepository } from "../support/git-repo.ts";

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
  [
    Object.assign(new Error("ENOENT"), { code: "ENOENT", path: "/gone/.git/fettle/lock.json" }),
    "/gone/.git/fettle/lock.json: the repository is not there any more",
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

test.each([
  [
    9,
    "usage",
    /^this state has format 9, and this fettle \S+ reads format \d\n {2}upgrade fettle$/,
  ],
  [1, "refused", /reads it and writes format \d\n {2}upgrade fettle$/],
])(
  "a state of a newer format that needs a reader of format %d is refused",
  (minReader, exit, words) => {
    const error = new StateFormatError({ format: 9, minReader }, "upgrade fettle");

    expect(failureOf(error)).toMatchObject({ exit, problem: expect.stringMatching(words) });
  },
);

test("a file that is missing where the repository is there is a bug", () => {
  const path = join(makeRepository().path, ".git/fettle/lock.json");
  const error = Object.assign(new Error("ENOENT"), { code: "ENOENT", path });

  expect(failureOf(error).exit).toBe("bug");
});

test("what Ctrl-C cut off is no bug, and without Ctrl-C it is one", () => {
  const pressed = AbortSignal.abort("interrupted");
  const killed = killedError(["merge-tree", "main"], "SIGTERM");

  expect(failureOf("interrupted", pressed)).toMatchObject({
    exit: "interrupted",
    problem: "stopped before it was done\n  start it again: what was done is kept",
  });
  expect(failureOf(killed, pressed).exit).toBe("interrupted");
  expect(failureOf(killed)).toMatchObject({
    exit: "temporary",
    problem: "git merge-tree: somebody or something killed it at work\n  try again",
  });
  expect(failureOf(new TypeError("x is not a function"), pressed).exit).toBe("bug");
  expect(failureOf("interrupted").exit).toBe("bug");
});

test("everything else is a bug, with its stack", () => {
  const answer = failureOf(new TypeError("x is not a function"));

  expect(answer.exit).toBe("bug");
  expect(answer.problem).toContain("please report it\nTypeError: x is not a function\n    at ");
  expect(answer.json).toMatchObject({ error: { code: "bug" } });
});
