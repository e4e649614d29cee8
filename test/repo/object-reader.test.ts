import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { COMMIT_TIME, makeRepository } from "../support/git-repo.ts";

async function startReader(operator: TestRepository): Promise<ObjectReader> {
  const reader = new ObjectReader((await operator.open()).own);
  onTestFinished(() => reader.close());
  return reader;
}

test("blobs are read by revision and path, byte for byte", async () => {
  const bytes = Buffer.from([0, 10, 255, 10, 0]);
  const operator = makeRepository({ "a.bin": bytes, "ordner/größe.txt": "1\n", empty: "" });
  const reader = await startReader(operator);

  expect(await reader.readBlob("main:a.bin")).toEqual(bytes);
  expect(String(await reader.readBlob("main:ordner/größe.txt"))).toBe("1\n");
  expect(await reader.readBlob("main:empty")).toEqual(Buffer.alloc(0));
});

test("what is absent, of another kind or not a name is undefined", async () => {
  const reader = await startReader(makeRepository({ "dir/a": "1" }));

  const answers = await Promise.all([
    reader.readBlob("main:nothing"),
    reader.readBlob("1".repeat(40)),
    reader.readBlob("main:dir"),
    reader.readBlob("main:nothing\ninfo main:dir/a"),
    reader.readBlob(""),
    reader.readTree("main:dir/a"),
    reader.readCommit("main^{tree}"),
    reader.resolve("refs/heads/nothing"),
  ]);

  expect(answers).toEqual(answers.map(() => undefined));
  expect(String(await reader.readBlob("main:dir/a"))).toBe("1");
});

test("many requests at once are each answered with their own content", async () => {
  const names = Array.from({ length: 700 }, (_, index) => `f${index}`);
  const operator = makeRepository(Object.fromEntries(names.map((name) => [name, `is ${name}`])));
  const reader = await startReader(operator);

  const blobs = await Promise.all(names.map((name) => reader.readBlob(`main:${name}`)));

  expect(blobs.map(String)).toEqual(names.map((name) => `is ${name}`));
});

test("the entries of a tree have mode, kind, id and name", async () => {
  const operator = makeRepository({ "run.sh": "#!/bin/sh\n", "a.txt": "", "dir/b": "" });
  operator.git("update-index", "--chmod=+x", "run.sh");
  operator.git("commit", "--quiet", "--message=executable");
  const reader = await startReader(operator);
  const folder = operator.git("rev-parse", "HEAD:dir");

  const entries = await reader.readTree("main");

  expect(entries?.map(({ mode, kind, name }) => `${mode} ${kind} ${name}`)).toEqual([
    "100644 file a.txt",
    "040000 folder dir",
    "100755 executable run.sh",
  ]);
  expect(entries?.[1]?.oid).toBe(folder);
  expect(await reader.treeAtPath("main", "dir")).toBe(folder);
  expect(await reader.treeAtPath("main", "a.txt")).toBeUndefined();
  expect((await reader.readTree("main:dir"))?.map(({ name }) => name)).toEqual(["b"]);
});

test("a commit is read with its people and its message", async () => {
  const operator = makeRepository();
  const parent = operator.git("rev-parse", "HEAD");
  const oid = operator.commit({ "a.txt": "1" }, "subject\n\nbody\n\nFettle-Run: x");
  const reader = await startReader(operator);

  expect(await reader.readCommit("main")).toEqual({
    oid,
    tree: operator.git("rev-parse", "HEAD^{tree}"),
    parents: [parent],
    author: `Ada <ada@northwind.example> ${COMMIT_TIME} +0000`,
    committer: `Ada <ada@northwind.example> ${COMMIT_TIME} +0000`,
    message: "subject\n\nbody\n\nFettle-Run: x\n",
  });
});

test("objects and refs that appear later are seen by the running process", async () => {
  const operator = makeRepository();
  const reader = await startReader(operator);
  await reader.resolve("main");

  operator.commit({ "later.txt": "here" });
  operator.git("repack", "-adq");

  expect(String(await reader.readBlob("main:later.txt"))).toBe("here");
});

test("a corrupt object fails its own reader and no other", async () => {
  const operator = makeRepository({ bad: "bad", good: "good" });
  const oid = operator.git("rev-parse", "HEAD:bad");
  const path = join(operator.path, ".git/objects", oid.slice(0, 2), oid.slice(2));
  chmodSync(path, 0o644);
  const cutOff = deflateSync(`blob 100000\0${"x".repeat(100_000)}`).subarray(0, 60);
  writeFileSync(path, cutOff);
  const reader = await startReader(operator);

  const [before, bad, after] = await Promise.allSettled([
    reader.readBlob("main:good"),
    reader.readBlob(oid),
    reader.readBlob("main:good"),
  ]);

  expect(before).toMatchObject({ status: "fulfilled" });
  expect(bad).toMatchObject({ status: "rejected" });
  expect(after).toEqual({ status: "fulfilled", value: Buffer.from("good") });
});

test("a closed reader refuses instead of starting git again", async () => {
  const operator = makeRepository({ "a.txt": "a" });
  const { own } = await operator.open();
  const reader = new ObjectReader(own);
  const asked = [reader.readBlob("HEAD~0:a.txt"), reader.readBlob("HEAD^{/no such}:a.txt")];
  await reader.close();

  const [late] = await Promise.allSettled([reader.readBlob("HEAD~0:a.txt")]);
  await Promise.allSettled(asked);

  expect(late?.status).toBe("rejected");
});
