import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { hasDied, lockRepository, type LockHolder } from "#runner/repo/lock.ts";
import { STATE, pendingRef } from "#runner/core/ref-names.ts";
import { recover, recoverUnder } from "#runner/repo/recovery.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { addOrigin, COMMIT_TIME, ENVIRONMENT, makeRepository } from "../support/git-repo.ts";

const WRITER = fileURLToPath(new URL("../support/endless-writer.ts", import.meta.url));
const IMPATIENT = { ownLock: 0, sharedLock: 0, object: 0 };

/** Starts a writer in a process of its own and kills it after a while; returns the commits it acknowledged. */
async function killWriter(operator: TestRepository, afterMs: number): Promise<string[]> {
  const args = [WRITER, operator.path, ENVIRONMENT["PATH"] ?? ""];
  const writer = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let acknowledged = "";
  let complaints = "";
  writer.stdout.on("data", (chunk: Buffer) => (acknowledged += String(chunk)));
  writer.stderr.on("data", (chunk: Buffer) => (complaints += String(chunk)));
  await once(writer.stdout, "data");
  await wait(afterMs);
  writer.kill("SIGKILL");
  await once(writer, "close");
  expect(complaints).toBe("");
  return acknowledged.split("\n").filter((line) => line.length === 40);
}

function lockedBy(repository: Repository, holder: LockHolder) {
  const locked = lockRepository(repository, holder);
  if (locked.kind !== "locked") throw new Error("the lock outlived its process");
  return locked;
}

function plant(operator: TestRepository, path: string, text = ""): string {
  const full = join(operator.path, ".git", path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

test("nothing acknowledged is lost when a writer is killed, and the next one goes on", async () => {
  const operator = makeRepository();
  const repository = await operator.open();

  for (const afterMs of [0, 25, 60]) {
    const acknowledged = await killWriter(operator, afterMs);
    const locked = lockedBy(repository, { pid: process.pid, since: Date.now() });
    await recover(repository, { holder: locked.previous });
    locked.lock.release();

    const kept = new Set(operator.git("rev-list", STATE).split("\n"));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((commit) => !kept.has(commit))).toEqual([]);
  }
  expect(operator.git("fsck", "--full", "--strict", "--no-dangling")).toBe("");
});

test("a second runner is told who holds the lock; the file alone holds nothing", async () => {
  const repository = await makeRepository().open();

  const first = lockRepository(repository, { pid: 41, since: 1 });
  const second = lockRepository(repository, { pid: 42, since: 2 });
  if (first.kind === "locked") first.lock.release();
  const third = lockRepository(repository, { pid: 43, since: 3 });
  onTestFinished(() => (third.kind === "locked" ? third.lock.release() : undefined));

  expect(first).toMatchObject({ kind: "locked", previous: undefined });
  expect(second).toEqual({ kind: "held", by: { pid: 41, since: 1 } });
  expect(third).toMatchObject({ kind: "locked", previous: { pid: 41, since: 1 } });
});

test.each([
  ["is killed", true],
  ["gives up", false],
])(
  "what a killed runner left is still known when the next one %s before that is in order",
  async (_, isKilled) => {
    const operator = makeRepository();
    const repository = await operator.open();
    const file = plant(operator, "fettle/lock.json", JSON.stringify({ pid: 41, since: 1 }));
    const second = lockedBy(repository, { pid: 42, since: 2 });
    const written = readFileSync(file, "utf8");
    second.lock.release();
    if (isKilled) writeFileSync(file, written);
    const third = lockedBy(repository, { pid: 43, since: 3 });
    third.lock.release();

    expect(third.previous).toMatchObject({ pid: 42, since: 1 });
    expect(hasDied(third.previous)).toBe(true);
  },
);

test("what is in order is left by nobody", async () => {
  const operator = makeRepository();
  const repository = await operator.open();
  plant(operator, "fettle/lock.json", JSON.stringify({ pid: 41, since: 1 }));
  const second = lockedBy(repository, { pid: 42, since: 2 });

  await recoverUnder(second, repository);
  second.lock.release();

  const third = lockedBy(repository, { pid: 43, since: 3 });
  third.lock.release();
  expect(third.previous).toEqual({ pid: 42, since: 2, hasEnded: true });
});

test("lock files below the runner's own refs are removed, others are not", async () => {
  const operator = makeRepository();
  const ours = [
    plant(operator, "refs/heads/fettle/state.lock"),
    plant(operator, "refs/fettle/pending/laptop/fettle/state.lock"),
  ];
  const theirs = plant(operator, "refs/heads/side.lock");
  const patience = { ...IMPATIENT, sharedLock: 60_000 };
  const fresh = plant(operator, "refs/heads/main.lock");

  const { removed } = await recover(await operator.open(), {
    holder: undefined,
    patience,
  });

  expect(removed).toEqual(ours);
  expect([theirs, fresh].map((path) => existsSync(path))).toEqual([true, true]);
});

test("a lock of main belongs to the runner when its delivery was cut off", async () => {
  const operator = makeRepository();
  const repository = await operator.open();
  const lock = plant(operator, "refs/heads/main.lock");
  const main = operator.git("rev-parse", "main");
  const journal = { from: main, to: "1".repeat(40), checkouts: [] };
  plant(operator, "fettle/delivery.json", JSON.stringify(journal));
  const patience = { ...IMPATIENT, sharedLock: 60_000 };

  const { removed, delivery } = await recover(repository, {
    holder: undefined,
    patience,
  });

  expect(removed).toEqual([lock]);
  expect(delivery).toEqual({ kind: "finished" });
});

test("a lock that a dead runner left in its last moment goes, however short of its time a timer is", async () => {
  const operator = makeRepository();
  const repository = await operator.open();
  const patience = { ...IMPATIENT, sharedLock: 5 };
  const left: boolean[] = [];

  for (let time = 0; time < 20; time += 1) {
    const lock = plant(operator, "packed-refs.lock");
    const at = (Date.now() + 0.9) / 1000;
    utimesSync(lock, at, at);
    await recover(repository, { holder: { pid: 1, since: 200_000 }, patience });
    left.push(existsSync(lock));
  }

  expect(left).not.toContain(true);
});

test("files shared with the operator's git go only if they date from the dead runner's time", async () => {
  const operator = makeRepository();
  const before = plant(operator, "packed-refs.lock");
  const during = plant(operator, "objects/pack/tmp_pack_abc");
  utimesSync(before, 100, 100);
  utimesSync(during, 300, 300);
  const holder = { pid: 1, since: 200_000 };

  const { removed } = await recover(await operator.open(), {
    holder,
    patience: IMPATIENT,
  });

  expect(removed).toEqual([during]);
  expect(existsSync(before)).toBe(true);
});

test("what another git may be writing at this moment is left alone", async () => {
  const operator = makeRepository();
  const young = plant(operator, "objects/pack/tmp_pack_abc");

  await recover(await operator.open(), { holder: undefined });

  expect(existsSync(young)).toBe(true);
});

test("packs that a killed writer left unfinished go at once", async () => {
  const operator = makeRepository();
  const ours = plant(operator, "objects/pack/fettle-12ab-pack");
  const theirs = plant(operator, "objects/pack/tmp_pack_abc");

  await recover(await operator.open(), { holder: undefined });

  expect([ours, theirs].map((path) => existsSync(path))).toEqual([false, true]);
});

test("pending commits are reported, and a repository at rest has nothing to report", async () => {
  const operator = makeRepository();
  operator.git("remote", "add", "origin", "https://git.example/studio.git");
  const repository = { ...(await operator.open()), runner: "laptop" };
  const author = { name: "fettle", email: "fettle@localhost" };
  const store = new StateStore({ repository, author });
  const atRest = await recover(repository, { holder: undefined });
  await store.commit({
    subject: "x",
    trailers: [],
    stateFiles: new Map([["a.json", "{}\n"]]),
    payload: [],
    alsoRefs: [],
    at: COMMIT_TIME,
  });
  await store.close();

  const { pending } = await recover(repository, { holder: undefined });

  const commit = operator.git("rev-parse", pendingRef("laptop", STATE));
  expect(pending).toEqual([{ ref: STATE, commit, published: undefined }]);
  expect(atRest).toEqual({ removed: [], delivery: { kind: "nothing" }, pending: [] });
});

test("a killed runner's lock on the operator's index goes, whether or not a delivery had begun", async () => {
  const operator = makeRepository();
  const lock = plant(operator, "index.lock");
  writeFileSync(lock, "fettle\n");

  await recover(await operator.open(), { holder: { pid: 1, since: 0 } });

  expect(existsSync(lock)).toBe(false);
});

test("packs that a dead writer kept may be collected again, those of the operator's stay kept", async () => {
  const operator = makeRepository();
  const ours = plant(operator, "objects/pack/pack-12ab.keep");
  const theirs = plant(operator, "objects/pack/pack-34cd.keep");
  writeFileSync(ours, "fettle\n");

  await recover(await operator.open(), { holder: { pid: 1, since: 0 } });

  expect([ours, theirs].map((path) => existsSync(path))).toEqual([false, true]);
});

test("while commits wait for the origin, what was kept for them stays kept, at the end of a process and at the next start", async () => {
  const operator = makeRepository();
  operator.git("remote", "add", "origin", "https://git.example/studio.git");
  const repository = { ...(await operator.open()), runner: "laptop" };
  const store = new StateStore({ repository, author: { name: "f", email: "f@localhost" } });
  const gate = { message: "gate", at: COMMIT_TIME, parent: null, files: [] };
  const to = await store.buildCommit(gate);
  await store.commit({
    subject: "x",
    trailers: [],
    stateFiles: new Map([["a.json", "{}\n"]]),
    payload: [],
    alsoRefs: [{ ref: "refs/heads/fettle/gate/one", from: null, to }],
    at: COMMIT_TIME,
  });
  await store.close();

  await recover(repository, { holder: { pid: 1, since: 0 } });
  operator.git("repack", "-adq");

  expect(operator.git("cat-file", "-t", to)).toBe("commit");
});

test.skipIf(process.platform !== "linux")(
  "a process that has ended counts as dead though its parent has not asked for it",
  async () => {
    const operator = makeRepository();
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 30"]);
    onTestFinished(() => void parent.kill());
    const [told]: Buffer[] = await once(parent.stdout, "data");
    const pid = Number(told);
    while (!readFileSync(`/proc/${pid}/status`, "utf8").includes("State:\tZ")) await wait(5);
    const left = plant(operator, `fettle/runner.json.${pid}`);

    await recover(await operator.open(), { holder: undefined });

    expect(existsSync(left)).toBe(false);
  },
);

/** A process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "close");
  return child.pid ?? 0;
}

test("files that a dead process had not renamed into their places go, those of a living one stay", async () => {
  const operator = makeRepository();
  const dead = await deadPid();
  const left = [`fettle/runner.json.${dead}`, `fettle/cache/aa/plan.json.${dead}-12`];
  const ours = left.map((path) => plant(operator, path));
  const theirs = plant(operator, `fettle/runner.json.${process.pid}`);

  await recover(await operator.open(), { holder: { pid: dead, since: 0 } });

  expect(ours.filter((path) => existsSync(path))).toEqual([]);
  expect(existsSync(theirs)).toBe(true);
});

test("a lock that a killed push left in an origin on this machine goes, unless somebody is at work there or it is older", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const lockAt = (name: string, time: number): string => {
    const path = join(origin.path, "refs/heads", `${name}.lock`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
    utimesSync(path, time, time);
    return path;
  };
  const before = lockAt("fettle/gate/old", 100);
  const during = lockAt("fettle/state", 300);
  const elsewhere = lockAt("side", 300);
  const last = { holder: { pid: 1, since: 200_000 }, patience: IMPATIENT };
  const guest = spawn("sleep", ["30"], { cwd: origin.path });
  await once(guest, "spawn");

  await recover(await operator.open(), last);
  const whileEntered = existsSync(during);
  guest.kill();
  await once(guest, "close");
  await recover(await operator.open(), last);

  expect(whileEntered).toBe(true);
  expect([before, during, elsewhere].map((path) => existsSync(path))).toEqual([true, false, true]);
});
