/** A git that ends by a signal: nobody takes that for an answer. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { changeLog } from "#runner/repo/change-log.ts";
import { git, gitText, spawnGit, type GitPlace } from "#runner/repo/git.ts";
import { lockRepository, type Locked, type LockHolder } from "#runner/repo/lock.ts";
import { recover } from "#runner/repo/recovery.ts";
import { RefTransactions } from "#runner/repo/ref-transaction.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { addOrigin, makeFolder, makeRepository, type TestRepository } from "../support/git-repo.ts";

const REAL = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();

type Deaths = "never" | "the first" | "all";

/** Puts before git what a signal ends: instead of the real one, or after that has done what four lines ask of it. */
async function killing(
  operator: TestRepository,
  deaths: Deaths,
  { command = "", after = false, leaves = "" } = {},
): Promise<{
  readonly place: GitPlace;
  readonly network: GitPlace;
  readonly repository: Repository;
}> {
  const repository = await operator.open();
  const folder = makeFolder();
  const lock = leaves === "" ? "" : `: > ${leaves}\n`;
  const work = after ? `head --lines=4 | '${REAL}' "$@" >/dev/null\n` : lock;
  const guard = deaths === "the first" ? `[ ! -e '${folder}/died' ] && ` : "";
  const condition =
    deaths === "never" ? "false" : `${guard}case " $* " in *" ${command}"*) ;; *) false ;; esac`;
  writeFileSync(
    join(folder, "git"),
    `#!/bin/sh\nif ${condition}; then\n: > '${folder}/died'\n${work}kill -INT $$\nfi\nexec '${REAL}' "$@"\n`,
  );
  chmodSync(join(folder, "git"), 0o755);
  const within = (at: GitPlace): GitPlace => {
    const PATH = `${folder}:${at.environment["PATH"] ?? ""}`;
    return { ...at, environment: { ...at.environment, PATH } };
  };
  return { place: within(repository.own), network: within(repository.network), repository };
}

test("it is run once more", async () => {
  const operator = makeRepository();
  const { place } = await killing(operator, "the first");

  const found = await gitText(place, ["rev-parse", "main"]);

  expect(found.trim()).toBe(operator.git("rev-parse", "main"));
});

test("killed again it has said nothing, and that is told", async () => {
  const { place } = await killing(makeRepository(), "all");

  const asked = git(place, ["rev-parse", "--verify", "--quiet", "main"]);

  await expect(asked).rejects.toMatchObject({
    code: "EKILLED",
    message: "git rev-parse was ended by SIGINT",
  });
});

test("one that talks to the network is run once more, too, but for a push, which may have been heard", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const { network } = await killing(operator, "the first", { command: "ls-remote " });
  const { network: pushing } = await killing(operator, "the first", { command: "push " });

  expect(await git(network, ["ls-remote", origin.path, "main"])).toMatchObject({ code: 0 });
  expect(await git(pushing, ["push", origin.path, "main:other"])).toMatchObject({ code: 128 });
  expect(origin.git("branch", "--list", "other")).toBe("");
});

test("killed again it is the end of the connection, and says so", async () => {
  const { network } = await killing(makeRepository(), "all");

  expect(await git(network, ["ls-remote", "."])).toMatchObject({
    code: 128,
    stderr: expect.stringContaining("git ls-remote was ended by SIGINT"),
  });
});

test("what it has left locked of an index that is the runner's alone is in nobody's way", async () => {
  const operator = makeRepository();
  const leaves = '"$GIT_INDEX_FILE.lock"';
  const { place } = await killing(operator, "the first", { command: "read-tree ", leaves });
  const indexFile = join(makeFolder(), "index");

  const made = await git({ ...place, indexFile }, ["read-tree", "main"]);

  expect(made).toMatchObject({ code: 0, stderr: "" });
});

test("what it has left locked of the operator's is taken away at the next start", async () => {
  const operator = makeRepository();
  const leaves = join(operator.path, ".git/packed-refs.lock");
  const dying = { command: "rev-parse ", leaves };
  const { place, repository } = await killing(operator, "the first", dying);
  const holder = { pid: process.pid, since: Date.now() - 1 };

  for (let time = 0; time < 2; time += 1) release(lockRepository(repository, holder));
  const before = lockRepository(repository, holder);
  await git(place, ["rev-parse", "main"]);
  release(before);
  const after = lockRepository(repository, holder);
  release(after);

  expect(before).toMatchObject({ previous: { hasEnded: true } });
  const patience = { ownLock: 0, sharedLock: 0, object: 0 };
  const { removed } = await recover(repository, { holder: previousOf(after), patience });
  expect(removed).toEqual([leaves]);
});

function release(locked: Locked): void {
  if (locked.kind === "locked") locked.lock.release();
}

function previousOf(locked: Locked): LockHolder | undefined {
  return locked.kind === "locked" ? locked.previous : undefined;
}

test.each([
  ["before it was done", false],
  ["after it was done", true],
])("a change of refs that was killed %s is made once", async (_, after) => {
  const operator = makeRepository();
  const tip = operator.git("rev-parse", "main");
  const { place } = await killing(operator, "the first", { command: "update-ref ", after });
  const transactions = new RefTransactions(place);
  onTestFinished(() => transactions.close());

  const outcome = await transactions.run([{ ref: "refs/heads/fettle/new", from: null, to: tip }]);

  expect(outcome).toEqual({ kind: "ok" });
  expect(operator.git("rev-parse", "fettle/new")).toBe(tip);
});

test("a change of refs that was killed after it was done in part is finished", async () => {
  const operator = makeRepository();
  const tip = operator.git("rev-parse", "main");
  const leaves = join(operator.path, ".git/refs/heads/fettle/one");
  mkdirSync(dirname(leaves));
  const { place } = await killing(operator, "the first", {
    command: "update-ref ",
    leaves: `${leaves}; echo ${tip} > ${leaves}`,
  });
  const transactions = new RefTransactions(place);
  onTestFinished(() => transactions.close());

  const outcome = await transactions.run(
    ["one", "two"].map((name) => ({ ref: `refs/heads/fettle/${name}`, from: null, to: tip })),
  );

  expect(outcome).toEqual({ kind: "ok" });
  expect(operator.git("rev-parse", "fettle/one", "fettle/two")).toBe(`${tip}\n${tip}`);
});

test("a history that was killed in the middle is not called damaged", async () => {
  const operator = makeRepository();
  const { place } = await killing(operator, "all", { command: "log " });
  const repository = { ...(await operator.open()), own: place };

  const read = Array.fromAsync(changeLog(repository, operator.git("rev-parse", "main")));

  await expect(read).rejects.toMatchObject({ code: "EKILLED" });
});

test("Ctrl-C in a terminal reaches none that works here, and those that talk to the network", async () => {
  const { place, network } = await killing(makeRepository(), "never");

  for (const [at, isOutOfReach] of [
    [place, true],
    [network, false],
  ] as const) {
    const child = spawnGit(at, ["cat-file", "--batch"]);
    expect(isGroup(child.pid)).toBe(isOutOfReach);
    child.stdin.end();
    await text(child.stdout);
  }
});

/** Whether a process leads a group of its own. */
function isGroup(pid = 0): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

test("one that cannot be started is no answer either", async () => {
  const { own } = await makeRepository().open();
  const folder = makeFolder();
  writeFileSync(join(folder, "git"), "", { mode: 0o644 });
  const place = { ...own, environment: { PATH: folder } };
  const transactions = new RefTransactions(place);
  const log = Array.fromAsync(
    changeLog({ ...(await makeRepository().open()), own: place }, "main"),
  );

  const create = { ref: "refs/heads/fettle/new", from: null, to: "0".repeat(40) };

  await expect(transactions.run([create])).rejects.toMatchObject({ code: "EACCES" });
  await expect(log).rejects.toMatchObject({ code: "EACCES" });
});
