import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { gateRef, STATE } from "#runner/core/ref-names.ts";
import { RefTransactions } from "#runner/repo/ref-transaction.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { makeFolder, makeRepository } from "../support/git-repo.ts";

async function startTransactions(operator: TestRepository): Promise<RefTransactions> {
  const transactions = new RefTransactions((await operator.open()).own);
  onTestFinished(() => transactions.close());
  return transactions;
}

test("loose and packed refs of the runner are read, the operator's other branches are not", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  for (const name of ["fettle/state", "fettle/payload/2026-03", "fettle/gate/a", "side"]) {
    operator.git("branch", name);
  }
  operator.git("update-ref", "refs/fettle/pending/laptop/fettle/state", first);
  operator.git("pack-refs", "--all");
  const second = operator.commit({ "a.txt": "1" });

  const refs = readRefs(await operator.open());

  expect(refs).toEqual(
    new Map([
      ["refs/fettle/pending/laptop/fettle/state", first],
      ["refs/heads/fettle/gate/a", first],
      ["refs/heads/fettle/payload/2026-03", first],
      ["refs/heads/fettle/state", first],
      ["refs/heads/main", second],
    ]),
  );
});

test("a ref file that a crash left empty is an error that names it", async () => {
  const operator = makeRepository();
  const repository = await operator.open();
  mkdirSync(join(repository.commonDir, "refs/heads/fettle"), { recursive: true });
  writeFileSync(join(repository.commonDir, STATE), "");

  expect(() => readRefs(repository)).toThrow(/refs\/heads\/fettle\/state holds no commit id/);
});

test("refs move together, and one that is elsewhere keeps all of them where they are", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1" });
  const transactions = await startTransactions(operator);
  const main = "refs/heads/main";

  const created = await transactions.run([
    { ref: gateRef("a"), from: null, to: first },
    { ref: STATE, from: null, to: first },
  ]);
  const lost = await transactions.run([
    { ref: STATE, from: first, to: second },
    { ref: main, from: first, to: second },
  ]);
  const again = await transactions.run([
    { ref: gateRef("a"), from: first, to: null },
    { ref: STATE, from: first, to: second },
  ]);

  expect(created).toEqual({ kind: "ok" });
  expect(lost).toEqual({ kind: "moved", ref: main, actual: second });
  expect(again).toEqual({ kind: "ok" });
  expect(readRefs(await operator.open())).toEqual(
    new Map([
      [main, second],
      [STATE, second],
    ]),
  );
});

test("an unexpected presence or absence of a ref is a lost race", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const transactions = await startTransactions(operator);

  const present = await transactions.run([{ ref: "refs/heads/main", from: null, to: first }]);
  const absent = await transactions.run([{ ref: STATE, from: first, to: first }]);
  const gone = await transactions.run([{ ref: STATE, from: first, to: null }]);

  expect(present).toMatchObject({ kind: "moved", ref: "refs/heads/main" });
  expect(absent).toEqual({ kind: "moved", ref: STATE, actual: null });
  expect(gone).toEqual({ kind: "moved", ref: STATE, actual: null });
});

test("a lock file of another process is a value, not a failure", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const transactions = await startTransactions(operator);
  writeFileSync(join(operator.path, ".git/refs/heads/main.lock"), "");

  const outcome = await transactions.run([{ ref: "refs/heads/main", from: first, to: first }]);

  expect(outcome).toMatchObject({ kind: "locked", ref: "refs/heads/main" });
});

test("transactions given at once run one after the other", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const transactions = await startTransactions(operator);

  const outcomes = await Promise.all(
    [1, 2, 3].map(() => transactions.run([{ ref: STATE, from: null, to: first }])),
  );

  expect(outcomes.map(({ kind }) => kind)).toEqual(["ok", "moved", "moved"]);
});

test("many transactions go on over the change to a fresh process", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1" });
  const transactions = await startTransactions(operator);
  await transactions.run([{ ref: STATE, from: null, to: first }]);

  const outcomes = await Promise.all(
    Array.from({ length: 300 }, (_, index) => {
      const [from, to] = index % 2 === 0 ? [first, second] : [second, first];
      return transactions.run([{ ref: STATE, from, to }]);
    }),
  );

  expect(outcomes.every(({ kind }) => kind === "ok")).toBe(true);
});

test("a move of main is in its reflog, moves of the state branch are not logged", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.git("commit-tree", "-p", first, "-m", "next", "HEAD^{tree}");
  const transactions = await startTransactions(operator);

  await transactions.run([
    { ref: "refs/heads/main", from: first, to: second },
    { ref: STATE, from: null, to: first },
  ]);

  expect(operator.git("reflog", "show", "main")).toContain("fettle");
  expect(operator.git("reflog", "show", "fettle/state")).toBe("");
});

test("an existing ref moves without git, and only while nobody else holds it", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1" });
  const transactions = await startTransactions(operator);
  await transactions.run([{ ref: STATE, from: null, to: first }]);
  operator.git("pack-refs", "--all");
  const lock = join(operator.path, ".git", `${STATE}.lock`);

  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, "");
  const held = await transactions.run([{ ref: STATE, from: first, to: second }]);
  const stillThere = existsSync(lock);
  rmSync(lock);
  const moved = await transactions.run([{ ref: STATE, from: first, to: second }]);
  const late = await transactions.run([{ ref: STATE, from: first, to: second }]);

  expect(held).toMatchObject({ kind: "locked", ref: STATE });
  expect(stillThere).toBe(true);
  expect(moved).toEqual({ kind: "ok" });
  expect(late).toEqual({ kind: "moved", ref: STATE, actual: second });
  expect(existsSync(lock)).toBe(false);
});

test("no ref moves before what it names is written, nor when that fails", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1" });
  const transactions = await startTransactions(operator);
  await transactions.run([{ ref: STATE, from: null, to: first }]);
  const move = [{ ref: STATE, from: first, to: second }];

  const failed = transactions.run(move, Promise.reject(new Error("disk full")));
  await expect(failed).rejects.toThrow("disk full");
  const after = readRefs(await operator.open()).get(STATE);
  let isWritten = false;
  const written = wait(50).then(() => (isWritten = true));
  await transactions.run(move, written);

  expect(after).toBe(first);
  expect(isWritten).toBe(true);
});

test("a ref that keeps a reflog is moved by git, with an entry", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1" });
  operator.git("branch", "--create-reflog", "fettle/state", first);
  const transactions = await startTransactions(operator);

  await transactions.run([{ ref: STATE, from: first, to: second }]);

  expect(operator.git("reflog", "show", "fettle/state").split("\n")).toHaveLength(2);
});

test("refs that another git has packed meanwhile are where they were", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1" });
  const transactions = await startTransactions(operator);
  const outcomes: unknown[] = [];
  await transactions.run([{ ref: STATE, from: null, to: first }]);
  for (let round = 0; round < 20; round += 1) {
    const [from, to] = round % 2 === 0 ? [first, second] : [second, first];
    operator.git("pack-refs", "--all");
    const gate = { ref: gateRef(`gate-${round}`), from: null, to: first };
    outcomes.push(await transactions.run([gate, { ref: STATE, from, to }]));
  }

  expect(outcomes).toEqual(Array.from({ length: 20 }, () => ({ kind: "ok" })));
});

test("a git that knows old packed refs only is asked once more, by a process that reads them anew", async () => {
  const operator = makeRepository();
  const first = operator.git("rev-parse", "HEAD");
  const second = operator.commit({ "a.txt": "1" });
  operator.git("update-ref", STATE, first);
  const { own } = await operator.open();
  const folder = makeFolder();
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  // The first time it answers like a git whose packed refs are old, then it is git.
  const script = `#!/bin/sh
if mkdir ${folder}/asked 2>/dev/null; then
  echo "fatal: cannot lock ref '${STATE}': is at ${second} but expected ${first}" >&2
  exit 128
fi
exec ${real} "$@"
`;
  writeFileSync(join(folder, "git"), script, { mode: 0o755 });
  const environment = { ...own.environment, PATH: `${folder}:${own.environment["PATH"] ?? ""}` };
  const transactions = new RefTransactions({ ...own, environment });
  onTestFinished(() => transactions.close());

  const outcome = await transactions.run([
    { ref: gateRef("one"), from: null, to: first },
    { ref: STATE, from: first, to: second },
  ]);

  expect(existsSync(join(folder, "asked"))).toBe(true);
  expect(outcome).toEqual({ kind: "ok" });
  expect(operator.git("rev-parse", STATE)).toBe(second);
});
