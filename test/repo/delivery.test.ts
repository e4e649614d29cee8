import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { addOrigin, makeFolder, makeRepository } from "../support/git-repo.ts";
import { edited, prepareDelivery, report } from "../support/prepared-delivery.ts";

function read(operator: TestRepository, path: string): string {
  return readFileSync(join(operator.path, path), "utf8");
}

function remains(operator: TestRepository): string[] {
  const names = ["index.lock", `fettle-index-${process.pid}`, "fettle/delivery.json"];
  return names.filter((name) => existsSync(join(operator.path, ".git", name)));
}

test("a checked-out main moves with its index and its files", async () => {
  const operator = makeRepository({ "a.txt": "a\n", "old.txt": "old\n" });
  const delivery = await prepareDelivery(operator, [
    report,
    edited,
    { path: "old.txt", delete: true },
  ]);

  const delivered = await delivery.deliver();

  expect(delivered).toEqual({ kind: "delivered", moved: { kind: "ok" }, behind: [] });
  expect(operator.git("status", "--porcelain")).toBe("");
  expect(read(operator, "reports/march.md")).toBe("# March\n");
  expect(existsSync(join(operator.path, "old.txt"))).toBe(false);
  expect(remains(operator)).toEqual([]);
});

test("after a delivery the operator's next commit undoes nothing", async () => {
  const operator = makeRepository({ "a.txt": "a\n" });
  operator.write({ "mine.txt": "mine\n" });
  operator.git("add", "mine.txt");
  const delivery = await prepareDelivery(operator, [report]);

  await delivery.deliver();
  operator.git("commit", "--quiet", "--message=mine");

  expect(operator.git("diff", "--name-status", delivery.from, "main")).toBe(
    "A\tmine.txt\nA\treports/march.md",
  );
});

test("uncommitted, staged, untracked and renamed work elsewhere stays as it is", async () => {
  const operator = makeRepository({
    "a.txt": "a\n",
    "b.txt": "b\n",
    "c.txt": "c\n",
    "d.txt": "d\n",
  });
  const delivery = await prepareDelivery(operator, [report, edited]);
  operator.write({ "b.txt": "edited\n", "c.txt": "staged\n", "new.txt": "untracked\n" });
  operator.git("add", "c.txt");
  operator.git("mv", "d.txt", "e.txt");

  const delivered = await delivery.deliver();

  expect(delivered.kind).toBe("delivered");
  expect(operator.git("status", "--porcelain")).toBe(
    " M b.txt\nM  c.txt\nR  d.txt -> e.txt\n?? new.txt",
  );
  expect(read(operator, "a.txt")).toBe("delivered\n");
});

const obstacles: readonly [string, (operator: TestRepository) => void, FileChange, string][] = [
  ["an edited file", (operator) => operator.write({ "a.txt": "mine\n" }), edited, "a.txt"],
  [
    "a staged file",
    (operator) => {
      operator.write({ "a.txt": "mine\n" });
      operator.git("add", "a.txt");
    },
    edited,
    "a.txt",
  ],
  [
    "a staged file that was changed again, to what is delivered,",
    (operator) => {
      operator.write({ "a.txt": "mine\n" });
      operator.git("add", "a.txt");
      operator.write({ "a.txt": "delivered\n" });
    },
    edited,
    "a.txt",
  ],
  [
    "an untracked file",
    (operator) => operator.write({ "reports/march.md": "mine\n" }),
    report,
    "reports/march.md",
  ],
  [
    "an ignored file",
    (operator) => {
      writeFileSync(join(operator.path, ".git/info/exclude"), "reports/\n");
      operator.write({ "reports/march.md": "mine\n" });
    },
    report,
    "reports/march.md",
  ],
  [
    "an ignored file with the name of a folder",
    (operator) => {
      writeFileSync(join(operator.path, ".git/info/exclude"), "reports\n");
      operator.write({ reports: "mine\n" });
    },
    report,
    "reports",
  ],
  [
    "an ignored folder with the name of a file",
    (operator) => {
      writeFileSync(join(operator.path, ".git/info/exclude"), "march.md\n");
      operator.write({ "reports/march.md/mine.txt": "mine\n" });
    },
    report,
    "reports/march.md/mine.txt",
  ],
  ["a file renamed", (operator) => void operator.git("mv", "a.txt", "z.txt"), edited, "a.txt"],
  [
    "a staged deletion",
    (operator) => void operator.git("rm", "--quiet", "--cached", "a.txt"),
    edited,
    "a.txt",
  ],
];

test.each(obstacles)("%s in the way holds the delivery and keeps the work", async (...row) => {
  const [, disturb, file, path] = row;
  const operator = makeRepository({ "a.txt": "a\n" });
  const delivery = await prepareDelivery(operator, [file]);
  disturb(operator);
  const before = operator.git("status", "--porcelain");

  const delivered = await delivery.deliver();

  const paths = expect.arrayContaining([path]);
  expect(delivered).toEqual({ kind: "worktree-conflict", workTree: operator.path, paths });
  expect(operator.git("rev-parse", MAIN)).toBe(delivery.from);
  expect(operator.git("status", "--porcelain")).toBe(before);
  expect(remains(operator)).toEqual([]);
});

test("all files in the way are named, not only the first", async () => {
  const operator = makeRepository({ "a.txt": "a\n", "b.txt": "b\n" });
  const delivery = await prepareDelivery(operator, [
    edited,
    { path: "b.txt", content: "delivered\n" },
  ]);
  operator.write({ "a.txt": "mine\n", "b.txt": "mine\n" });

  expect(await delivery.deliver()).toMatchObject({ paths: ["a.txt", "b.txt"] });
});

test("a file that was touched, or already has the delivered content, is not in the way", async () => {
  const operator = makeRepository({ "a.txt": "a\n" });
  const delivery = await prepareDelivery(operator, [edited, report]);
  utimesSync(join(operator.path, "a.txt"), 1, 1);
  operator.write({ "reports/march.md": "# March\n" });

  const delivered = await delivery.deliver();

  expect(delivered.kind).toBe("delivered");
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("while the operator's git is at work the delivery waits", async () => {
  const operator = makeRepository();
  const delivery = await prepareDelivery(operator, [report]);
  const lock = join(operator.path, ".git/index.lock");
  writeFileSync(lock, "");

  const delivered = await delivery.deliver();

  expect(delivered).toEqual({ kind: "worktree-busy", workTree: operator.path });
  expect(existsSync(lock)).toBe(true);
});

test("a main that has moved meanwhile leaves files and index alone", async () => {
  const operator = makeRepository();
  const delivery = await prepareDelivery(operator, [report]);
  const mine = operator.commit({ "mine.txt": "mine\n" });

  const delivered = await delivery.deliver();

  const moved = { kind: "moved", ref: MAIN, actual: mine };
  expect(delivered).toEqual({ kind: "not-moved", moved });
  expect(operator.git("status", "--porcelain")).toBe("");
  expect(remains(operator)).toEqual([]);
});

test("with a detached head, another branch or no work tree only the ref moves", async () => {
  const detached = makeRepository({ "a.txt": "a\n" });
  detached.git("checkout", "--quiet", "--detach");
  const side = makeRepository({ "a.txt": "a\n" });
  side.git("checkout", "--quiet", "-b", "side");
  const bare = addOrigin(makeRepository({ "a.txt": "a\n" }));

  for (const operator of [detached, side, bare]) {
    const delivery = await prepareDelivery(operator, [edited]);
    expect((await delivery.deliver()).kind).toBe("delivered");
    expect(operator.git("rev-parse", MAIN)).toBe(delivery.to);
  }
  expect(read(detached, "a.txt")).toBe("a\n");
  expect(detached.git("status", "--porcelain") + side.git("status", "--porcelain")).toBe("");
});

test("a linked work tree that has main checked out follows", async () => {
  const operator = makeRepository({ "a.txt": "a\n" });
  operator.git("checkout", "--quiet", "-b", "side");
  const linked = join(makeFolder(), "linked");
  operator.git("worktree", "add", "--quiet", linked, "main");
  const delivery = await prepareDelivery(operator, [edited]);

  await delivery.deliver();

  expect(readFileSync(join(linked, "a.txt"), "utf8")).toBe("delivered\n");
  expect(operator.git("-C", linked, "status", "--porcelain")).toBe("");
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("the operator's line endings and filters apply to the files, not to the commit", async () => {
  const operator = makeRepository({ "a.txt": "a\n", ".gitattributes": "*.low filter=upper\n" });
  operator.git("config", "core.autocrlf", "true");
  operator.git("config", "filter.upper.smudge", "tr a-z A-Z");
  operator.git("config", "filter.upper.clean", "tr A-Z a-z");
  const delivery = await prepareDelivery(operator, [edited, { path: "b.low", content: "small\n" }]);

  const delivered = await delivery.deliver();

  expect(delivered.kind).toBe("delivered");
  expect(read(operator, "a.txt")).toBe("delivered\r\n");
  expect(read(operator, "b.low")).toBe("SMALL\r\n");
  expect(operator.git("show", "main:a.txt")).toBe("delivered");
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("paths with spaces, quotes and other letters are delivered", async () => {
  const operator = makeRepository();
  const path = 'berichte/März "neu".md';
  const delivery = await prepareDelivery(operator, [{ path, content: "x\n", executable: true }]);

  await delivery.deliver();

  expect(read(operator, path)).toBe("x\n");
  expect(operator.git("status", "--porcelain")).toBe("");
});
