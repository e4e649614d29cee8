import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { CommitTarget, FileChange } from "#runner/repo/commit-target.ts";
import { CommitWriter } from "#runner/repo/commit-writer.ts";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import { STATE, payloadRef } from "#runner/core/ref-names.ts";
import { RefTransactions } from "#runner/repo/ref-transaction.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { COMMIT_TIME, makeFolder, makeRepository } from "../support/git-repo.ts";

const FETTLE = { name: "fettle", email: "fettle@localhost", at: COMMIT_TIME };

function target(parent: string | null, files: readonly FileChange[]): CommitTarget {
  return { parent, files, message: "change\n", author: FETTLE, committer: FETTLE };
}

async function startWriter(
  operator: TestRepository,
  packsPerPacking?: number,
): Promise<CommitWriter> {
  const { own: place, objectFormat: format } = await operator.open();
  const reader = new ObjectReader(place);
  const packing = packsPerPacking === undefined ? {} : { packsPerPacking };
  const writer = new CommitWriter({ place, reader, format, ...packing });
  onTestFinished(async () => {
    await writer.close();
    await reader.close();
  });
  return writer;
}

function only(path: string): FileChange[] {
  return [{ path, content: path }];
}

function treeOf(operator: TestRepository, commit: string): string[] {
  return operator.git("ls-tree", "-r", commit).split("\n");
}

test("a commit changes, adds, links and removes paths of its parent's tree", async () => {
  const operator = makeRepository({ "a.txt": "a", "b.txt": "b", "dir/c.txt": "c" });
  const parent = operator.git("rev-parse", "HEAD");
  const blob = operator.git("rev-parse", "HEAD:a.txt");
  const writer = await startWriter(operator);

  const [commit = ""] = await writer.write([
    target(parent, [
      { path: "a.txt", delete: true },
      { path: 'dir/odd "name"\\ \n.txt', oid: blob },
      { path: "run.sh", content: "#!/bin/sh\n", executable: true },
      { path: "dir/c.txt", content: Buffer.from([0, 1]) },
    ]),
  ]);

  expect(treeOf(operator, commit).map((line) => line.replace(/ blob \w+\t/, " "))).toEqual([
    "100644 b.txt",
    "100644 dir/c.txt",
    String.raw`100644 "dir/odd \"name\"\\ \n.txt"`,
    "100755 run.sh",
  ]);
  expect(operator.git("rev-parse", `${commit}^`)).toBe(parent);
  expect(operator.git("log", "-1", "--format=%an <%ae> %at %s", commit)).toBe(
    `fettle <fettle@localhost> ${COMMIT_TIME} change`,
  );
});

test("no real ref is moved, whatever was written", async () => {
  const operator = makeRepository();
  const before = operator.git("for-each-ref");
  const writer = await startWriter(operator);

  await writer.write([target(null, []), target(null, only("a"))]);

  expect(operator.git("for-each-ref")).toBe(before);
});

test("a commit starts from the parent it names, not from what was written before", async () => {
  const operator = makeRepository();
  const writer = await startWriter(operator);

  const [root = ""] = await writer.write([target(null, only("a"))]);
  const [left = ""] = await writer.write([target(root, only("b"))]);
  const [right = ""] = await writer.write([target(root, only("c"))]);
  const [orphan = ""] = await writer.write([target(null, only("d"))]);
  const names = (commit: string): string => operator.git("ls-tree", "--name-only", commit);

  expect([names(left), names(right), names(orphan)]).toEqual(["a\nb", "a\nc", "d"]);
  expect(operator.git("log", "--format=%H", orphan)).toBe(orphan);
});

test("a merge commit has all its parents", async () => {
  const operator = makeRepository();
  const main = operator.git("rev-parse", "HEAD");
  const side = operator.git("commit-tree", "-p", main, "-m", "side", "HEAD^{tree}");
  const writer = await startWriter(operator);

  const [merge = ""] = await writer.write([{ ...target(main, []), mergeParents: [side] }]);

  expect(operator.git("rev-parse", `${merge}^1`, `${merge}^2`)).toBe(`${main}\n${side}`);
});

test("an unusable path is refused and leaves the writer usable", async () => {
  const operator = makeRepository();
  const writer = await startWriter(operator);
  const unusable = ["", "/a", "a/", "a//b", "../up", "./a", "a/..", "a/.git/b", ".GIT/a", "a\0b"];
  for (const path of unusable) {
    await expect(writer.write([target(null, [{ path, content: "" }])])).rejects.toThrow(
      /not a path in a repository/,
    );
  }
  const usable = ["...", ".github/a", "a.git", "b/.gitignore"];

  const [commit = ""] = await writer.write([
    target(
      null,
      usable.map((path) => ({ path, content: "" })),
    ),
  ]);

  expect(operator.git("ls-tree", "-r", "--name-only", commit).split("\n")).toEqual(usable);
});

test("the names of people cannot break out of their line", async () => {
  const operator = makeRepository();
  const writer = await startWriter(operator);
  const author = { ...FETTLE, name: "Eve <e@x>\ncommitter root" };

  const [commit = ""] = await writer.write([{ ...target(null, []), author }]);

  expect(operator.git("log", "-1", "--format=%an|%cn", commit)).toBe(
    "Eve  e@x  committer root|fettle",
  );
});

test("every object is what git makes of the same content", async () => {
  const operator = makeRepository({ "a/b.txt": "1", "a.txt": "2", "a-b": "3", "z/ü/é.txt": "4" });
  const writer = await startWriter(operator);
  const files = ["a/b.txt", "a.txt", "a-b", "z/ü/é.txt"].map((path, index) => {
    return { path, content: String(index + 1) };
  });
  const large = { path: "large.bin", content: Buffer.alloc(3_000_000, "fettle ") };

  const [commit = ""] = await writer.write([target(null, files.toReversed())]);
  const [next = ""] = await writer.write([target(commit, [large])]);

  expect(operator.git("rev-parse", `${commit}^{tree}`)).toBe(
    operator.git("rev-parse", "HEAD^{tree}"),
  );
  expect(operator.git("cat-file", "-s", `${next}:large.bin`)).toBe("3000000");
  expect(operator.git("fsck", "--full", "--strict", "--no-dangling")).toBe("");
});

test("a folder and a file change places, and a folder without files is gone", async () => {
  const operator = makeRepository({ "a/b/c.txt": "1", d: "2", "e/f.txt": "3" });
  const parent = operator.git("rev-parse", "HEAD");
  const writer = await startWriter(operator);

  const [commit = ""] = await writer.write([
    target(parent, [
      { path: "a", content: "now a file" },
      { path: "d/below.txt", content: "now a folder" },
      { path: "e/f.txt", delete: true },
      { path: "never/there.txt", delete: true },
    ]),
  ]);

  expect(operator.git("ls-tree", "-r", "--name-only", commit)).toBe("a\nd/below.txt");
  expect(operator.git("fsck", "--full", "--strict", "--no-dangling")).toBe("");
});

test("names that are not text survive beside what is changed", async () => {
  const operator = makeRepository();
  const path = Buffer.from([...Buffer.from(`${operator.path}/f`), 0xff]);
  writeFileSync(path, "odd");
  const parent = operator.commit({});
  const writer = await startWriter(operator);

  const [commit = ""] = await writer.write([target(parent, only("a"))]);

  expect(operator.git("ls-tree", "--name-only", commit)).toBe('README.md\na\n"f\\377"');
});

test("what could not be written whole leaves nothing behind", async () => {
  const operator = makeRepository();
  const writer = await startWriter(operator);
  const packs = join(operator.path, ".git/objects/pack");
  rmSync(packs, { recursive: true });
  writeFileSync(packs, "");

  await expect(writer.write([target(null, only("a"))])).rejects.toThrow(/ENOTDIR/);
  rmSync(packs);
  mkdirSync(packs);

  expect(await writer.write([target(null, only("a"))])).toHaveLength(1);
  expect(readdirSync(packs).filter((file) => file.startsWith("fettle-"))).toEqual([]);
});

test("packs are joined every so often and no object is lost, referenced or not", async () => {
  const operator = makeRepository();
  const writer = await startWriter(operator, 8);
  const commits: string[] = [];
  for (let index = 0; index < 44; index += 1) {
    const files = [{ path: `runs/${index}.json`, content: `{"n":${index}}` }];
    // Every fourth commit is a side line that nothing will ever reference.
    const parent = commits.at(index % 4 === 0 ? -2 : -1) ?? null;
    commits.push(...(await writer.write([target(parent, files)])));
    writer.releaseAll();
  }
  await writer.close();

  const packs = readdirSync(join(operator.path, ".git/objects/pack"));

  expect(packs.filter((name) => name.endsWith(".pack")).length).toBeLessThan(16);
  for (const commit of commits) operator.git("rev-list", "--objects", "--quiet", commit);
  expect(operator.git("fsck", "--full", "--no-dangling")).toBe("");
});

test("packs of earlier processes are joined, too", async () => {
  const operator = makeRepository();
  const packs = (): number =>
    readdirSync(join(operator.path, ".git/objects/pack")).filter((name) => name.endsWith(".pack"))
      .length;
  for (let index = 0; index < 12; index += 1) {
    const writer = await startWriter(operator, 8);
    await writer.write([target(null, only(`${index}`))]);
    writer.releaseAll();
    await writer.close();
  }

  expect(packs()).toBeLessThan(8);
  expect(operator.git("fsck", "--full", "--no-dangling")).toBe("");
});

const hasStrace = (() => {
  try {
    execFileSync("strace", ["-V"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasStrace)(
  "a durable commit of state and payload costs at most 5 syncs and no process",
  async () => {
    const operator = makeRepository();
    const { own } = await operator.open();
    const writer = await startWriter(operator);
    const transactions = new RefTransactions(own);
    onTestFinished(() => transactions.close());
    const tips: Record<string, string | null> = { [payloadRef("2026-03")]: null, [STATE]: null };
    const refs = Object.keys(tips);
    const commitBoth = async (name: string): Promise<void> => {
      const file = { path: `${name}.json`, content: name.repeat(100) };
      const commits = await writer.write(refs.map((ref) => target(tips[ref] ?? null, [file])));
      const moves = refs.map((ref, index) => {
        return { ref, from: tips[ref] ?? null, to: commits[index] ?? null };
      });
      expect(await transactions.run(moves)).toEqual({ kind: "ok" });
      for (const { ref, to } of moves) tips[ref] = to;
    };
    await commitBoth("warm-up");

    const trace = join(makeFolder(), "trace");
    const follow = ["-f", "-e", "trace=fsync,fdatasync,execve", "-o", trace, "-p", process.pid];
    const children = childrenOf(process.pid).flatMap((pid) => ["-p", pid]);
    const strace = spawn("strace", [...follow, ...children].map(String));
    await once(strace.stderr, "data");
    await wait(100);
    for (let index = 0; index < 10; index += 1) await commitBoth(`commit-${index}`);
    strace.kill("SIGINT");
    await once(strace, "close");

    const calls = readFileSync(trace, "utf8");
    const count = (pattern: RegExp): number => calls.match(pattern)?.length ?? 0;
    expect(count(/ f(?:data)?sync\(/g)).toBeGreaterThanOrEqual(20);
    expect(count(/ f(?:data)?sync\(/g)).toBeLessThanOrEqual(50);
    expect(count(/ execve\(/g)).toBe(0);
  },
);

function childrenOf(pid: number): string[] {
  const listed = execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  return listed.split("\n").filter((line) => /^\d+$/.test(line) && isAlive(Number(line)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("what no ref names yet survives every clean-up of the operator's, until it is released", async () => {
  const operator = makeRepository();
  const writer = await startWriter(operator);
  const [first = ""] = await writer.write([target(null, only("a"))]);
  const [second = ""] = await writer.write([target(null, only("b"))]);
  const cleanUp = (): void => {
    operator.git("repack", "-adq");
    operator.git("prune", "--expire=now");
    operator.git("gc", "--quiet", "--prune=now");
  };

  cleanUp();
  const afterWriting = [first, second].map((commit) => treeOf(operator, commit).length);
  writer.release([first]);
  cleanUp();

  expect(afterWriting).toEqual([1, 1]);
  expect(() => operator.git("cat-file", "-e", first)).toThrow(/cat-file/);
  expect(treeOf(operator, second)).toHaveLength(1);
});

test("a folder that an early tool wrote as 040000 is a folder", async () => {
  const operator = makeRepository({ "dir/a.txt": "a", "b.txt": "b" });
  const [dir = "", file = ""] = ["HEAD:dir", "HEAD:b.txt"].map((name) => {
    return operator.git("rev-parse", name);
  });
  const bytes = [
    `100644 b.txt\0${Buffer.from(file, "hex").toString("latin1")}`,
    `040000 dir\0${Buffer.from(dir, "hex").toString("latin1")}`,
  ];
  const tree = execFileSync(
    "git",
    ["-C", operator.path, "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
    { input: Buffer.from(bytes.join(""), "latin1"), encoding: "utf8" },
  ).trim();
  const parent = operator.git("commit-tree", tree, "-m", "early");
  const writer = await startWriter(operator);

  const [commit = ""] = await writer.write([target(parent, only("dir/c.txt"))]);

  expect(treeOf(operator, commit).map((line) => line.split("\t")[1])).toEqual([
    "b.txt",
    "dir/a.txt",
    "dir/c.txt",
  ]);
});
