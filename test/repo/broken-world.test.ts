import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteError, writeWhole } from "#runner/repo/broken-world.ts";
import { gitFailure } from "#runner/repo/git.ts";
import { lockRepository } from "#runner/repo/lock.ts";
import { failureOf } from "#runner/verbs/failure.ts";
import { makeRepository } from "../support/git-repo.ts";

test.each([
  [
    "fatal: unable to create temporary file: No space left on device",
    "git merge-tree: the disk is full",
  ],
  [
    "fatal: couldn't write '/x/.git/refs/heads/fettle/state.lock'",
    "/x/.git/refs/heads/fettle/state.lock: it could not be written",
  ],
  [
    "fatal: sha1 file '/x/.git/index.lock' write error. Out of diskspace",
    "/x/.git/index.lock: the disk is full",
  ],
  ["error: file write error: Disk quota exceeded", "git merge-tree: the disk quota is used up"],
  [
    "fatal: Unable to create '/x/.git/index.lock': Read-only file system",
    "/x/.git/index.lock: the file system is read-only",
  ],
  [
    "error: insufficient permission for adding an object to repository database objects",
    "git merge-tree: permission denied",
  ],
  [
    "fatal: Unable to create '/x/.git/index.lock': File exists.",
    "/x/.git/index.lock: another git is at work, or one that died has left it",
  ],
  [
    "error: pack-objects died of signal 9",
    "git merge-tree: somebody or something killed it at work",
  ],
  [
    "error: cannot fork() for index-pack: Resource temporarily unavailable",
    "git merge-tree: no more programs can be started",
  ],
  ["fatal: unable to write file x: File too large", "git merge-tree: a file may not grow so large"],
  ["fatal: cannot open x: Stale file handle", "git merge-tree: the file system has lost it"],
  [
    "fatal: cannot open x: Transport endpoint is not connected",
    "git merge-tree: the file system is not connected any more",
  ],
  ["fatal: Out of memory, malloc failed", "git merge-tree: there is not enough memory"],
])(
  "what git says of the disk, of the machine and of other gits is no bug: %s",
  (stderr, problem) => {
    const answer = failureOf(gitFailure(["merge-tree", "main"], { code: 128, stderr }));

    expect(answer.exit).toBe("temporary");
    expect(answer.problem?.split("\n")[0]).toBe(problem);
  },
);

test.each(["fatal: not a valid object name main", ""])(
  "what git says of anything else is one: %s",
  (stderr) => {
    expect(failureOf(gitFailure(["merge-tree"], { code: 128, stderr })).exit).toBe("bug");
  },
);

test.each([
  [13, "the disk is full"],
  [8, "the file system is read-only"],
  [10 | (3 << 8), "it could not be written"],
])("what SQLite says with %i is no bug", (errcode, words) => {
  const error = Object.assign(new Error("database"), { code: "ERR_SQLITE_ERROR", errcode });

  expect(failureOf(sqliteError(error, "/x/lock.sqlite"))).toMatchObject({
    exit: "temporary",
    problem: expect.stringContaining(`/x/lock.sqlite: ${words}\n`),
  });
});

test("SQLite's other failures stay bugs", () => {
  const error = Object.assign(new Error("syntax"), { code: "ERR_SQLITE_ERROR", errcode: 1 });

  expect(failureOf(sqliteError(error, "/x/lock.sqlite")).exit).toBe("bug");
});

test.runIf(process.platform === "linux")("a file that finds no room is named", () => {
  expect(() => writeWhole("/dev/full", "text")).toThrow(
    expect.objectContaining({ code: "ENOSPC", path: "/dev/full" }),
  );
});

test("a lock file that cannot be opened is named", async () => {
  const repository = await makeRepository().open();
  const path = join(repository.fettleDir, "lock.sqlite");
  mkdirSync(path, { recursive: true });

  expect(() => lockRepository(repository, { pid: 1, since: 0 })).toThrow(
    expect.objectContaining({ code: "EIO", path }),
  );
});
