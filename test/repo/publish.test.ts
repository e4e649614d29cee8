import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { authorityOf } from "#runner/repo/authority.ts";
import { fetchFromOrigin, followOrigin, readOrigin } from "#runner/repo/origin.ts";
import { fetchedRef } from "#runner/core/ref-names.ts";
import type { Publication } from "#runner/repo/publish.ts";
import { publish } from "#runner/repo/publish.ts";
import { pushRefs } from "#runner/repo/push.ts";
import { MAIN, STATE, gateRef, payloadRef } from "#runner/core/ref-names.ts";
import { repack } from "#runner/repo/repack.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import type { TestRepository } from "../support/git-repo.ts";
import {
  COMMIT_TIME,
  addOrigin,
  cloneOf,
  makeFolder,
  makeRepository,
} from "../support/git-repo.ts";

interface Runner {
  readonly repository: Repository;
  readonly store: StateStore;
  readonly write: (name: string) => Promise<void>;
  readonly publication: Publication;
}

async function startRunner(operator: TestRepository, name: string): Promise<Runner> {
  const repository = { ...(await operator.open()), runner: name };
  const author = { name: "fettle", email: "fettle@localhost" };
  const store = new StateStore({ repository, author });
  onTestFinished(() => store.close());
  const write = async (file: string): Promise<void> => {
    const outcome = await store.commit({
      subject: `write ${file}`,
      trailers: [],
      stateFiles: new Map([[`${file}.json`, "{}\n"]]),
      payload: [{ month: "2026-03", files: new Map([[file, Buffer.from(file)]]) }],
      alsoRefs: [],
      at: COMMIT_TIME,
    });
    expect(outcome.kind).toBe("committed");
  };
  const { reader, transactions } = store;
  const publication: Publication = {
    authority: authorityOf({ repository, reader, transactions }),
    updates: () => store.unpublished(),
    rebuild: async () => "nothing-left",
    settle: () => store.settle(),
    pause: async () => {},
  };
  return { repository, store, write, publication };
}

async function followAll(runner: Runner): Promise<string> {
  const advertised = await readOrigin(runner.repository);
  if (advertised.kind !== "read") return advertised.kind;
  const refs = [...advertised.refs.keys()];
  await fetchFromOrigin(runner.repository, { refs });
  const { transactions } = runner.store;
  const followed = await followOrigin(runner.repository, transactions, {
    advertised: advertised.refs,
    taken: new Set(),
  });
  runner.store.refresh();
  return followed.kind;
}

function filesOf(repository: TestRepository, ref: string): string[] {
  return repository.git("ls-tree", "--name-only", ref).split("\n");
}

test("pending commits reach the origin together, then the local branches follow", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const runner = await startRunner(operator, "laptop");
  await runner.write("a");
  await runner.write("b");

  const published = await publish(runner.repository, runner.publication);

  expect(published).toEqual({ kind: "published", settled: { kind: "ok" } });
  for (const ref of [STATE, payloadRef("2026-03")]) {
    expect(origin.git("rev-parse", ref)).toBe(operator.git("rev-parse", ref));
  }
  expect(filesOf(origin, STATE)).toEqual(["a.json", "b.json"]);
});

test("a lost race is seen, rebuilt on what won, and nothing is overwritten", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const other = cloneOf(origin);
  const one = await startRunner(operator, "one");
  const two = await startRunner(other, "two");
  await one.write("one");
  await two.write("two");
  await publish(one.repository, one.publication);
  const rebuild: Publication["rebuild"] = async (advertised) => {
    await two.store.discardPending();
    await followOrigin(two.repository, two.store.transactions, { advertised, taken: new Set() });
    two.store.refresh();
    await two.write("two");
    return "ready";
  };

  const published = await publish(two.repository, { ...two.publication, rebuild });

  expect(published.kind).toBe("published");
  expect(filesOf(origin, STATE)).toEqual(["one.json", "two.json"]);
  expect(filesOf(origin, payloadRef("2026-03"))).toEqual(["one", "two"]);
  expect(origin.git("rev-list", "--count", STATE)).toBe("2");
  expect(other.git("rev-parse", "--is-shallow-repository")).toBe("false");
});

test("when nothing is left after a lost race, the local branches stay and the reason is given", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const two = await startRunner(cloneOf(origin), "two");
  const one = await startRunner(operator, "one");
  await one.write("one");
  await two.write("two");
  await publish(one.repository, one.publication);

  const published = await publish(two.repository, two.publication);

  expect(published).toMatchObject({ kind: "stopped", reason: "nothing-left" });
  expect(filesOf(origin, STATE)).toEqual(["one.json"]);
});

test("one ref that cannot move holds back all that were pushed with it", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const repository = await operator.open();
  const from = operator.git("rev-parse", "main");
  const to = operator.git("commit-tree", "-p", from, "-m", "next", "main^{tree}");
  const elsewhere = operator.git("commit-tree", "-m", "unrelated", "main^{tree}");
  operator.git("push", "--quiet", "origin", `${elsewhere}:${STATE}`);

  const pushed = await pushRefs(repository, [
    { ref: MAIN, from, to },
    { ref: STATE, from: null, to },
  ]);

  expect(pushed.outcome).toBe("moved");
  expect(origin.git("rev-parse", MAIN, STATE)).toBe(`${from}\n${elsewhere}`);
});

test("a branch that somebody just pushed to is not deleted", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const from = operator.git("rev-parse", "main");
  const edited = operator.git("commit-tree", "-p", from, "-m", "edit", "main^{tree}");
  operator.git("push", "--quiet", "origin", `${edited}:${gateRef("a")}`);
  const repository = await operator.open();
  const remove = (expected: string) =>
    pushRefs(repository, [{ ref: gateRef("a"), from: expected, to: null }]);

  const tooOld = await remove(from);
  const left = origin.git("rev-parse", gateRef("a"));
  const removed = await remove(edited);

  expect([tooOld.outcome, left, removed.outcome]).toEqual(["moved", edited, "ok"]);
});

test("a rule of the origin is a refusal with its words, not a race", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const hook = join(origin.path, "hooks", "pre-receive");
  writeFileSync(hook, "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  const runner = await startRunner(operator, "laptop");
  await runner.write("a");

  const published = await publish(runner.repository, runner.publication);

  expect(published).toMatchObject({ kind: "stopped", reason: "refused" });
  expect(published).toHaveProperty("detail", expect.stringContaining("hook declined"));
});

test("a push whose answer was lost counts as published when the origin has it", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const runner = await startRunner(operator, "laptop");
  await runner.write("a");
  // The origin moves its refs and dies before it answers.
  const hook = join(origin.path, "hooks", "post-receive");
  writeFileSync(hook, "#!/bin/sh\nkill -9 $PPID\n");
  chmodSync(hook, 0o755);
  const ours = runner.store.tip;
  const looks: string[] = [];
  const rebuild: Publication["rebuild"] = async () => {
    looks.push("rebuilt");
    return "nothing-left";
  };

  const published = await publish(runner.repository, { ...runner.publication, rebuild });

  expect(published).toEqual({ kind: "published", settled: { kind: "ok" } });
  expect(looks).toEqual([]);
  expect(origin.git("rev-parse", STATE)).toBe(ours);
});

test("an origin that cannot be asked leaves the commits pending", async () => {
  const operator = makeRepository();
  operator.git("remote", "add", "origin", join(makeFolder(), "gone.git"));
  const runner = await startRunner(operator, "laptop");
  await runner.write("a");

  const published = await publish(runner.repository, runner.publication);

  expect(published).toMatchObject({ kind: "stopped", reason: "uncertain" });
  expect(runner.store.unpublished()).toHaveLength(2);
  expect((await readOrigin(runner.repository)).kind).toBe("unreachable");
});

test("a fresh clone fetches only the newest state, and a shallow one can publish on it", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  operator.commit({ "later.txt": "1" });
  operator.git("push", "--quiet", "origin", "main");
  const one = await startRunner(operator, "one");
  for (const name of ["a", "b", "c"]) await one.write(name);
  await publish(one.repository, one.publication);
  const clone = cloneOf(origin, "--depth=1", "--single-branch");
  const two = await startRunner(clone, "two");

  expect(await followAll(two)).toBe("current");
  expect(clone.git("rev-list", "--count", STATE)).toBe("1");
  expect(clone.git("rev-parse", fetchedRef(MAIN))).toBe(origin.git("rev-parse", MAIN));
  expect(await two.store.readText("b.json")).toBe("{}\n");

  await two.write("d");
  expect((await publish(two.repository, two.publication)).kind).toBe("published");
  expect(filesOf(origin, STATE)).toEqual(["a.json", "b.json", "c.json", "d.json"]);
  expect(origin.git("rev-list", "--count", STATE)).toBe("4");
});

test("a partial clone can fetch, publish and join packs without losing its promises", async () => {
  const operator = makeRepository({ "big.txt": "big\n" });
  operator.commit({ "big.txt": "bigger\n" });
  const origin = addOrigin(operator);
  origin.git("config", "uploadpack.allowFilter", "true");
  const clone = cloneOf(origin, "--filter=blob:none", "--no-checkout");
  const runner = await startRunner(clone, "laptop");
  operator.commit({ "later.txt": "1" });
  operator.git("push", "--quiet", "origin", "main");
  const blob = operator.git("rev-parse", "main:big.txt");

  await runner.write("a");
  expect(await followAll(runner)).toBe("current");
  expect((await publish(runner.repository, runner.publication)).kind).toBe("published");
  for (const name of ["one", "two", "three"]) {
    operator.commit({ [name]: name });
    operator.git("push", "--quiet", "origin", "main");
    clone.git("fetch", "--quiet", "origin");
  }
  const promised = (): string[] =>
    readdirSync(join(clone.path, ".git/objects/pack")).filter((name) => /promisor/.test(name));
  const before = promised().map((name) => name.replace(".promisor", ".pack"));
  await repack(runner.repository.own);

  expect(before.length).toBeGreaterThan(0);
  for (const name of before) {
    expect(existsSync(join(clone.path, ".git/objects/pack", name))).toBe(true);
  }
  expect(runner.repository.partial).toBe(true);
  const missing = clone.git("rev-list", "--objects", "--missing=print", "origin/main");
  expect(missing).toContain(`?${blob}`);
  expect(String(await runner.store.reader.readBlob(blob))).toBe("bigger\n");
  expect(clone.git("fsck", "--no-dangling", "--connectivity-only")).toBe("");
});

test("a local state that is unrelated to the origin's is a conflict and stays", async () => {
  const operator = makeRepository();
  addOrigin(operator);
  const unrelated = operator.git("commit-tree", "-m", "other", "main^{tree}");
  operator.git("push", "--quiet", "origin", `${unrelated}:${STATE}`);
  const mine = operator.git("commit-tree", "-m", "mine", "main^{tree}");
  operator.git("update-ref", STATE, mine);

  const followed = await followAll(await startRunner(operator, "laptop"));

  expect(followed).toBe("authority-conflict");
  expect(operator.git("rev-parse", STATE)).toBe(mine);
});

test("single objects are fetched by their id", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const path = join(makeFolder(), "blob");
  writeFileSync(path, "payload");
  const oid = origin.git("hash-object", "-w", path);
  const runner = await startRunner(operator, "laptop");

  const fetched = await fetchFromOrigin(runner.repository, { objects: [oid] });

  expect(fetched.kind).toBe("fetched");
  expect(String(await runner.store.reader.readBlob(oid))).toBe("payload");
});

test("an aborted push rejects with the reason", async () => {
  const operator = makeRepository();
  addOrigin(operator);
  const repository = await operator.open();

  const pushed = pushRefs(repository, [], AbortSignal.abort(new Error("stopped")));

  await expect(pushed).rejects.toThrow("stopped");
});
