import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mergeGate } from "#runner/repo/approve-merge.ts";
import { deliver } from "#runner/repo/delivery.ts";
import { commitLog, tags } from "#runner/repo/history.ts";
import { fetchFromOrigin, readOrigin } from "#runner/repo/origin.ts";
import { pushRefs } from "#runner/repo/push.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import { repack } from "#runner/repo/repack.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { listTree } from "#runner/repo/worktree-files.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { COMMIT_TIME, addOrigin, makeFolder, makeRepository } from "../support/git-repo.ts";

const HOOKS = [
  "pre-commit",
  "commit-msg",
  "post-commit",
  "post-checkout",
  "post-index-change",
  "post-merge",
  "pre-merge-commit",
  "pre-push",
  "pre-auto-gc",
  "post-rewrite",
  "reference-transaction",
];

/** Plants programs that leave a file in `marks` when git starts them. */
function plantPrograms(operator: TestRepository, marks: string): void {
  const program = (name: string): string => {
    const path = join(marks, "..", `run-${name}`);
    writeFileSync(path, `#!/bin/sh\ntouch "${marks}/${name}"\ncat\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const hooks = join(operator.path, ".git", "hooks");
  for (const hook of HOOKS) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch "${marks}/hook-${hook}"\n`);
    chmodSync(join(hooks, hook), 0o755);
  }
  const included = join(marks, "..", "included");
  writeFileSync(included, `[core]\n\tpager = ${program("included-pager")}\n`);
  const settings = {
    "core.fsmonitor": program("fsmonitor"),
    "core.sshCommand": program("ssh"),
    "core.pager": program("pager"),
    "core.editor": program("editor"),
    "core.alternateRefsCommand": program("alternate-refs"),
    "filter.evil.clean": program("clean"),
    "filter.evil.smudge": program("smudge"),
    "filter.evil.process": program("process"),
    "diff.evil.textconv": program("textconv"),
    "diff.evil.command": program("diff"),
    "diff.external": program("external-diff"),
    "merge.evil.driver": program("merge"),
    "alias.log": `!${program("alias")}`,
    "alias.rev-parse": `!${program("alias")}`,
    "gpg.program": program("gpg"),
    "commit.gpgSign": "true",
    "credential.helper": program("credential"),
    "remote.origin.uploadpack": program("upload-pack"),
    "remote.origin.receivepack": program("receive-pack"),
    "uploadpack.packObjectsHook": program("pack-objects"),
    "gc.auto": "1",
    "include.path": included,
  };
  for (const [name, value] of Object.entries(settings)) operator.git("config", name, value);
  writeFileSync(
    join(operator.path, ".git", "info", "attributes"),
    "* filter=evil diff=evil merge=evil\n",
  );
}

/** The state, payload and main writes, reads, repacking, fetch and push of a working day. */
async function workThrough(repository: Repository, first: string): Promise<void> {
  const author = { name: "fettle", email: "fettle@localhost" };
  const store = new StateStore({ repository, author });
  onTestFinished(() => store.close());
  const outcome = await store.commit({
    subject: "run a: started",
    trailers: [["Fettle-Run", "a"]],
    stateFiles: new Map([["live/a.json", "{}\n"]]),
    payload: [{ month: "2026-03", files: new Map([["a", Buffer.from("x")]]) }],
    alsoRefs: [],
    at: COMMIT_TIME,
  });
  expect(outcome.kind).toBe("committed");
  await listTree(store.reader, "main");
  await commitLog(repository, "main", { limit: 9 });
  await tags(repository);
  await repack(repository.own);
  const common = { parent: first, message: "edit", at: COMMIT_TIME };
  const change = { path: "notes.txt", content: "one\ntwo\nthree\nfour\nFIVE\n" };
  const gate = await store.buildCommit({ ...common, files: [change] });
  const main = repository.head && (await store.reader.resolve("main"))?.oid;
  const operator = { name: "Ada", email: "ada@northwind.example", at: COMMIT_TIME };
  const merge = { repository, main: main ?? "", gate, message: "merge", operator };
  expect((await mergeGate(merge)).kind).toBe("merged");

  expect((await readOrigin(repository)).kind).toBe("read");
  expect((await fetchFromOrigin(repository, { refs: [MAIN] })).kind).toBe("fetched");
  expect((await pushRefs(repository, store.unpublished())).outcome).toBe("ok");
  expect((await store.settle()).kind).toBe("ok");
}

test("no program that the operator's repository names is started by the runner's operations", async () => {
  const marks = join(makeFolder(), "marks");
  mkdirSync(marks);
  const operator = makeRepository({
    ".gitattributes": "* filter=evil diff=evil merge=evil\n",
    "notes.txt": "one\ntwo\nthree\nfour\nfive\n",
  });
  addOrigin(operator);
  const first = operator.git("rev-parse", "HEAD");
  operator.commit({ "notes.txt": "ONE\ntwo\nthree\nfour\nfive\n" });
  plantPrograms(operator, marks);

  await workThrough(await operator.open(), first);

  expect(readdirSync(marks)).toEqual([]);
});

test("the planted programs do start when git is used plainly", () => {
  const marks = join(makeFolder(), "marks");
  mkdirSync(marks);
  const operator = makeRepository({ ".gitattributes": "* filter=evil diff=evil merge=evil\n" });
  plantPrograms(operator, marks);
  operator.git("config", "commit.gpgSign", "false");
  operator.git("config", "--unset", "filter.evil.process");

  operator.commit({ "notes.txt": "one\n" });

  const fired = readdirSync(marks);
  expect(fired).toContain("hook-reference-transaction");
  expect(fired).toContain("hook-pre-commit");
  expect(fired).toContain("clean");
});

test("a delivery into the work tree starts no hook and no file monitor", async () => {
  const marks = join(makeFolder(), "marks");
  mkdirSync(marks);
  const operator = makeRepository({ "notes.txt": "one\n" });
  plantPrograms(operator, marks);
  writeFileSync(join(operator.path, ".git", "info", "attributes"), "");
  const repository = await operator.open();
  const author = { name: "fettle", email: "fettle@localhost" };
  const store = new StateStore({ repository, author });
  onTestFinished(() => store.close());
  const from = operator.git("rev-parse", "HEAD");
  const files = [{ path: "report.md", content: "# Report\n" }];
  const message = "deliver";
  const to = await store.buildCommit({ parent: from, files, message, at: COMMIT_TIME });

  const delivered = await deliver({
    repository,
    from,
    to,
    move: () => store.transactions.run([{ ref: MAIN, from, to }]),
    hasMoved: ({ kind }) => kind === "ok",
  });

  expect(delivered.kind).toBe("delivered");
  expect(readdirSync(marks)).toEqual([]);
});

test("an origin that would run a command is refused by git", async () => {
  const marks = join(makeFolder(), "marks");
  mkdirSync(marks);
  const operator = makeRepository();
  operator.git("remote", "add", "origin", `ext::sh -c touch%20${marks}/ext`);

  const read = await readOrigin(await operator.open());

  expect(read.kind).toBe("unreachable");
  expect(readdirSync(marks)).toEqual([]);
});
