import { chmodSync, readFileSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import { listTree, materialise } from "#runner/repo/worktree-files.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { makeFolder, makeRepository } from "../support/git-repo.ts";

async function startReader(operator: TestRepository): Promise<ObjectReader> {
  const reader = new ObjectReader((await operator.open()).own);
  onTestFinished(() => reader.close());
  return reader;
}

test("every file of a tree is listed, or those that match a pattern", async () => {
  const operator = makeRepository({ "a.md": "", "p/b.md": "", "p/q/c.md": "", "p/q/d.txt": "" });
  const reader = await startReader(operator);
  const paths = async (...globs: string[]): Promise<string[]> =>
    (await listTree(reader, "main", globs)).map(({ path }) => path);

  expect((await listTree(reader, "main")).map(({ path }) => path)).toEqual([
    "a.md",
    "p/b.md",
    "p/q/c.md",
    "p/q/d.txt",
  ]);
  expect(await paths("p/**")).toEqual(["p/b.md", "p/q/c.md", "p/q/d.txt"]);
  expect(await paths("*.md", "p/q/*.txt")).toEqual(["a.md", "p/q/d.txt"]);
});

test("regular files are written with their content and mode, links are skipped", async () => {
  const operator = makeRepository({ "run.sh": "#!/bin/sh\n", "p/data.bin": Buffer.from([0, 255]) });
  symlinkSync("/etc/hostname", join(operator.path, "link"));
  chmodSync(join(operator.path, "run.sh"), 0o700);
  operator.commit({});
  const reader = await startReader(operator);
  const folder = makeFolder();

  const made = await materialise(reader, await listTree(reader, "main"), folder);

  expect(made).toEqual({ written: ["p/data.bin", "run.sh"], skipped: ["link"], missing: [] });
  expect(readFileSync(join(folder, "p/data.bin"))).toEqual(Buffer.from([0, 255]));
  const modeOf = (path: string): number => statSync(join(folder, path)).mode & 0o777;
  expect([modeOf("run.sh"), modeOf("p/data.bin")]).toEqual([0o755, 0o644]);
});

test.each(["../up", "a/../../up", "/abs", ".git/config", "a/.GIT/hooks/x", "a//b", "a\\b"])(
  "the name %s is never written",
  async (path) => {
    const operator = makeRepository({ a: "content" });
    const reader = await startReader(operator);
    const oid = operator.git("rev-parse", "main:a");
    const folder = join(makeFolder(), "attempt");

    const made = await materialise(reader, [{ path, kind: "file", oid }], folder);

    expect(made.skipped).toEqual([path]);
    expect(readdirSync(join(folder, ".."))).toEqual([]);
  },
);

test("a blob that is not here is told", async () => {
  const reader = await startReader(makeRepository());

  const files = [{ path: "a", kind: "file", oid: "1".repeat(40) }] as const;

  expect((await materialise(reader, files, makeFolder())).missing).toEqual(["a"]);
});
