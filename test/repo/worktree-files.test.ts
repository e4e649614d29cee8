import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import { listTree } from "#runner/repo/worktree-files.ts";
import { makeRepository } from "../support/git-repo.ts";

test("every file of a tree is listed, with what it is", async () => {
  const operator = makeRepository({ "a.md": "", "p/b.sh": "", "p/q/c.md": "" });
  symlinkSync("/etc/hostname", join(operator.path, "p/link"));
  chmodSync(join(operator.path, "p/b.sh"), 0o700);
  operator.commit({});
  const reader = new ObjectReader((await operator.open()).own);
  onTestFinished(() => reader.close());

  const files = await listTree(reader, "main");

  expect(files.map(({ path, kind }) => [path, kind])).toEqual([
    ["a.md", "file"],
    ["p/b.sh", "executable"],
    ["p/link", "symlink"],
    ["p/q/c.md", "file"],
  ]);
});
