import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitLog, isAncestor, tags } from "#runner/repo/history.ts";
import { COMMIT_TIME, cloneOf, makeRepository, openAt } from "../support/git-repo.ts";

test("the log tells who, when, what about and which files", async () => {
  const operator = makeRepository({ "a.txt": "1\n2\n" });
  const first = operator.git("rev-parse", "HEAD");
  const odd = 'dir/tab\t"quote" ü\n.txt';
  const files = { "a.txt": "1\n", [odd]: "x\ny\n", "b.bin": Buffer.from([0, 1]) };
  const second = operator.commit(
    files,
    "edit\n\n1234567 not a\ttab\n\nFettle-Run: a\nFettle-Kind:  b ",
  );

  const log = await commitLog(await operator.open(), "main", { limit: 9 });

  expect(log).toHaveLength(2);
  expect(log[0]).toEqual({
    oid: second,
    parents: [first],
    authorName: "Ada",
    authorEmail: "ada@northwind.example",
    committerEmail: "ada@northwind.example",
    at: COMMIT_TIME,
    subject: "edit",
    trailers: [
      ["Fettle-Run", "a"],
      ["Fettle-Kind", "b"],
    ],
    files: [
      { path: "a.txt", added: 0, removed: 1 },
      { path: "b.bin", added: 0, removed: 0 },
      { path: odd, added: 2, removed: 0 },
    ],
  });
});

test("a log is limited by number and path", async () => {
  const operator = makeRepository({ "a.txt": "1\n" });
  const second = operator.commit({ "b*.txt": "1\n", "bb.txt": "1\n" });
  operator.commit({ "c.txt": "1\n" });
  operator.commit({});
  const repository = await operator.open();
  const count = async (query: Partial<Parameters<typeof commitLog>[2]>): Promise<number> =>
    (await commitLog(repository, "main", { limit: 9, ...query })).length;

  expect(await count({ limit: 2 })).toBe(2);
  expect(await count({})).toBe(4);
  const found = await commitLog(repository, "main", { limit: 9, paths: ["b*.txt"] });
  expect(found.map(({ oid, files }) => [oid, files.map(({ path }) => path)])).toEqual([
    [second, ["b*.txt"]],
  ]);
  expect((await commitLog(repository, "main", { limit: 1, withoutFiles: true }))[0]?.files).toEqual(
    [],
  );
});

test("a merge shows what it brought to its first parent", async () => {
  const operator = makeRepository();
  operator.git("checkout", "--quiet", "-b", "gate");
  operator.commit({ "decision.md": "approved\n" });
  operator.git("checkout", "--quiet", "main");
  operator.commit({ "mine.txt": "1\n" });
  operator.git("merge", "--quiet", "--no-edit", "gate");
  const merge = operator.git("rev-parse", "HEAD");
  operator.commit({ "decision.md": "approved\nmore\n" });
  const repository = await operator.open();

  const [, entry] = await commitLog(repository, "main", { limit: 9, firstParent: true });

  expect(entry?.files.map(({ path }) => path)).toEqual(["decision.md"]);
  expect(entry).toMatchObject({ oid: merge });
  expect(entry?.parents).toHaveLength(2);
});

test("in a shallow clone the oldest commit proves nothing", async () => {
  const operator = makeRepository({ "a.txt": "1\n" });
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "b.txt": "1\n" });
  const clone = cloneOf(operator, "--depth=1");
  const repository = await openAt(clone.path);

  expect(await isAncestor(repository, first, second)).toBe("unknown");
  clone.git("fetch", "--quiet", "--depth=1", "origin", first);
  expect(await isAncestor(repository, first, second)).toBe("unknown");
});

test("a boundary in another history does not cast doubt", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1\n" });
  const elsewhere = operator.git("commit-tree", "-m", "state", "HEAD^{tree}");
  writeFileSync(join(operator.path, ".git/shallow"), `${elsewhere}\n`);

  expect(await isAncestor(await operator.open(), second, first)).toBe("no");
});

test("ancestry is told", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1\n" });
  const repository = await operator.open();

  expect(await isAncestor(repository, first, second)).toBe("yes");
  expect(await isAncestor(repository, second, first)).toBe("no");
  expect(await isAncestor(repository, first, first)).toBe("yes");
  expect(await isAncestor(repository, "1".repeat(40), first)).toBe("unknown");
});

test("tags are listed with the commit they name", async () => {
  const operator = makeRepository();
  const commit = operator.git("rev-parse", "HEAD");
  operator.git("tag", "light");
  operator.git("tag", "-a", "v1", "-m", "first version");

  const found = await tags(await operator.open());

  expect(found).toEqual([
    { name: "light", commit, at: COMMIT_TIME, subject: "start" },
    { name: "v1", commit, at: COMMIT_TIME, subject: "first version" },
  ]);
});

test("a revision that looks like an option is not one", async () => {
  const repository = await makeRepository().open();

  await expect(commitLog(repository, "--output=/tmp/x", { limit: 1 })).rejects.toThrow(
    /unknown revision|bad revision/,
  );
});
