import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { MAIN, STATE, payloadRef, pendingRef } from "#runner/core/ref-names.ts";
import type { StateChange } from "#runner/repo/state-change.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { WriteQueue } from "#runner/repo/write-queue.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { COMMIT_TIME, addOrigin, makeRepository } from "../support/git-repo.ts";

const author = { name: "fettle", email: "fettle@localhost" };

async function startStore(operator: TestRepository, runner = "laptop"): Promise<StateStore> {
  const repository = { ...(await operator.open()), runner };
  const store = new StateStore({ repository, author });
  onTestFinished(() => store.close());
  return store;
}

function change(
  files: Readonly<Record<string, string | null>>,
  more: Partial<StateChange> = {},
): StateChange {
  return {
    subject: "run a.k3f9: started",
    trailers: [],
    stateFiles: new Map(Object.entries(files)),
    payload: [],
    alsoRefs: [],
    at: COMMIT_TIME,
    ...more,
  };
}

test("before the first commit the state is empty", async () => {
  const store = await startStore(makeRepository());

  expect(store.tip).toBeNull();
  expect(await store.readJson("format.json")).toBeUndefined();
  expect(await store.list("live")).toEqual([]);
});

test("the first commit makes the orphan branches, later ones build on them", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);
  const payload = [{ month: "2026-03", files: new Map([["ab/cd", Buffer.from([1, 2])]]) }];

  await store.commit(change({ "format.json": "{}\n", "live/a.json": "1\n" }, { payload }));
  await store.commit(change({ "live/b.json": "2\n", "live/a.json": null }));

  expect(operator.git("rev-list", "--count", STATE)).toBe("2");
  expect(operator.git("ls-tree", "-r", "--name-only", STATE)).toBe("format.json\nlive/b.json");
  expect(operator.git("ls-tree", "-r", "--name-only", payloadRef("2026-03"))).toBe("ab/cd");
  expect(operator.git("status", "--porcelain")).toBe("");
});

test("facts stand in trailers that git understands and that text cannot forge", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);
  const trailers = [["Fettle-Run", "a\nFettle-Gate: forged"]] as const;

  await store.commit(change({}, { subject: "run a:\n\nFettle-Gate: x", trailers }));

  const format = "--format=%s|%(trailers:key=Fettle-Run,valueonly)|%(trailers:key=Fettle-Gate)";
  expect(operator.git("log", "-1", format, STATE).replaceAll("\n", "")).toBe(
    "run a: Fettle-Gate: x|a Fettle-Gate: forged|",
  );
});

test("what was just written is read back, also by a store that starts later", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);

  await store.commit(change({ "live/a.json": '{"n":1}\n', "gone.json": "0\n" }));
  await store.commit(change({ "gone.json": null }));

  for (const reader of [store, await startStore(operator)]) {
    expect(await reader.readJson("live/a.json")).toEqual({ n: 1 });
    expect(await reader.readText("gone.json")).toBeUndefined();
    expect((await reader.list("live")).map(({ name }) => name)).toEqual(["a.json"]);
  }
});

test("of two writers exactly one wins, and the other sees the race and goes on after a look", async () => {
  const operator = makeRepository();
  const first = await startStore(operator, "one");
  const second = await startStore(operator, "two");

  const outcomes = await Promise.all([
    first.commit(change({ "one.json": "1\n" })),
    second.commit(change({ "two.json": "2\n" })),
  ]);
  expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(["committed", "raced"]);

  const loser = outcomes[0]?.kind === "raced" ? first : second;
  loser.refresh();
  const again = await loser.commit(change({ "again.json": "3\n" }));

  expect(again.kind).toBe("committed");
  expect(operator.git("rev-list", "--count", STATE)).toBe("2");
});

test("a lost race moves neither payload nor the refs that belong to it", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);
  const main = operator.git("rev-parse", "main");
  await store.commit(change({ "a.json": "1\n" }));
  const elsewhere = operator.git("commit-tree", "-m", "other", "main^{tree}");
  operator.git("update-ref", STATE, elsewhere);
  const payload = [{ month: "2026-03", files: new Map([["x", Buffer.from("x")]]) }];
  const alsoRefs = [{ ref: MAIN, from: main, to: elsewhere }];

  const outcome = await store.commit(change({ "b.json": "2\n" }, { payload, alsoRefs }));

  expect(outcome).toEqual({ kind: "raced", ref: STATE, actual: elsewhere });
  expect(operator.git("rev-parse", "main", STATE)).toBe(`${main}\n${elsewhere}`);
  expect(operator.git("for-each-ref", "refs/heads/fettle/payload")).toBe("");
});

test("other refs move with the state or not at all", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);
  const from = operator.git("rev-parse", "main");
  const files = [{ path: "report.md", content: "# Report\n" }];
  const message = "deliver report";
  const to = await store.buildCommit({ parent: from, files, message, at: COMMIT_TIME });

  const outcome = await store.commit(change({}, { alsoRefs: [{ ref: MAIN, from, to }] }));

  expect(outcome.kind).toBe("committed");
  expect(operator.git("rev-parse", "main", "main^")).toBe(`${to}\n${from}`);
  expect(operator.git("log", "-1", "--format=%an", "main")).toBe("fettle");
});

test("commits given at once follow each other", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);

  const outcomes = await Promise.all(
    ["a", "b", "c"].map((name) => store.commit(change({ [`${name}.json`]: "1\n" }))),
  );

  expect(outcomes.map(({ kind }) => kind)).toEqual(["committed", "committed", "committed"]);
  expect(operator.git("rev-list", "--count", STATE)).toBe("3");
});

test("with an origin a commit is durable in the pending refs and the branches stay where they are", async () => {
  const operator = makeRepository();
  addOrigin(operator);
  const store = await startStore(operator);
  const payload = [{ month: "2026-03", files: new Map([["x", Buffer.from("x")]]) }];

  await store.commit(change({ "a.json": "1\n" }, { payload }));
  const outcome = await store.commit(change({ "b.json": "2\n" }));

  const tip = outcome.kind === "committed" ? outcome.commit : "";
  expect(operator.git("rev-parse", pendingRef("laptop", STATE))).toBe(tip);
  expect(operator.git("for-each-ref", "refs/heads/fettle")).toBe("");
  expect(await store.readText("a.json")).toBe("1\n");
  expect(store.unpublished().map(({ ref, from }) => [ref, from])).toEqual([
    [payloadRef("2026-03"), null],
    [STATE, null],
  ]);

  expect(await store.settle()).toEqual({ kind: "ok" });
  expect(operator.git("rev-parse", STATE)).toBe(tip);
  expect(operator.git("for-each-ref", "refs/fettle/pending")).toBe("");
  expect(store.unpublished()).toEqual([]);
});

test("a closed store leaves only the branches behind", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);

  await store.commit(change({ "a.json": "1\n" }));
  await store.close();

  expect(operator.git("for-each-ref", "--format=%(refname)")).toBe(`${STATE}\n${MAIN}`);
});

test("entries that arrive while a write is in flight share the next one", async () => {
  const groups: string[][] = [];
  const releases: (() => void)[] = [];
  const queue = new WriteQueue<string, number>(async (entries) => {
    groups.push([...entries]);
    await new Promise<void>((resolve) => releases.push(resolve));
    return groups.length;
  });

  const first = queue.add("a");
  await Promise.resolve();
  await Promise.resolve();
  const others = [queue.add("b"), queue.add("c")];
  releases[0]?.();
  expect(await first).toBe(1);
  await Promise.resolve();
  releases[1]?.();

  expect(await Promise.all(others)).toEqual([2, 2]);
  expect(groups).toEqual([["a"], ["b", "c"]]);
});

test("a group has a largest size", async () => {
  const sizes: number[] = [];
  const queue = new WriteQueue<number, void>(async (entries) => void sizes.push(entries.length));

  await Promise.all(Array.from({ length: 300 }, (_, index) => queue.add(index)));

  expect(sizes).toEqual([256, 44]);
});

test("a failed write fails its own group and no other", async () => {
  const queue = new WriteQueue<string, string>(async ([entry = ""]) => {
    if (entry === "bad") throw new Error("disk full");
    return entry;
  });

  await expect(queue.add("bad")).rejects.toThrow("disk full");
  expect(await queue.add("good")).toBe("good");
  await queue.idle();
});

test("a commit that moved its refs is kept by these alone; what no ref holds yet is kept until a ref does", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);
  const kept = (): number => {
    const folder = join(operator.path, ".git/objects/pack");
    return readdirSync(folder).filter((name) => name.endsWith(".keep")).length;
  };
  await store.commit(change({ "a.json": "{}" }));
  const afterState = kept();

  const gate = await store.buildCommit({
    parent: operator.git("rev-parse", "HEAD"),
    files: [{ path: "g", content: "g" }],
    message: "gate\n",
    at: COMMIT_TIME,
  });
  const built = kept();
  operator.git("repack", "-adq");
  const alsoRefs = [{ ref: "refs/heads/fettle/gate/one", from: null, to: gate }];
  await store.commit({ ...change({ "b.json": "{}" }), alsoRefs });

  expect([afterState, built, kept()]).toEqual([0, 1, 0]);
  expect(operator.git("ls-tree", "--name-only", gate)).toContain("g");
});

test("content is taken away after the state that says so: a crash between the two leaves too much, never too little", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);
  const ref = payloadRef("2026-03");
  const payload = [{ month: "2026-03", files: new Map([["ab/cd", Buffer.from([1])]]) }];
  await store.commit(change({ "format.json": "{}\n" }, { payload }));
  const from = operator.git("rev-parse", ref);
  const run = vi.spyOn(store.transactions, "run");
  const taking = [{ ref, from, to: null, isTaking: true }] as const;

  await store.commit(change({ "a.json": "1\n" }, { alsoRefs: taking }));

  expect(run.mock.calls[0]?.[0].map((update) => update.ref)).toEqual([STATE, ref]);
  expect(operator.git("for-each-ref", ref)).toBe("");
});

function payloadOf(name: string): StateChange["payload"] {
  return [{ month: "2026-03", files: new Map([[name, Buffer.from(name)]]) }];
}

test("what others have added to the payload meanwhile stays when what is pending is applied again", async () => {
  const operator = makeRepository();
  addOrigin(operator);
  const ref = payloadRef("2026-03");
  const other = await startStore(operator, "other");
  await other.commit(change({ "format.json": "{}\n" }, { payload: payloadOf("ab/theirs") }));
  const store = await startStore(operator);
  await store.commit(change({ "live/a.json": "1\n" }, { payload: payloadOf("ab/ours") }));
  // The branches here follow the origin before what is pending does.
  expect(await other.settle()).toEqual({ kind: "ok" });
  store.refresh();

  const newest = new Map([STATE, ref].map((name) => [name, operator.git("rev-parse", name)]));
  expect(await store.rebuild(change({ "live/a.json": "1\n" }), newest)).toEqual({ kind: "ok" });

  const pending = pendingRef("laptop", ref);
  expect(operator.git("ls-tree", "-r", "--name-only", pending)).toBe("ab/ours\nab/theirs");
});

test("what another process has held back is not taken along from where the branch has gone another way", async () => {
  const operator = makeRepository();
  const first = await startStore(operator);
  await first.commit(change({ "format.json": "{}\n" }));
  await first.holdBack(change({ "live/a.json": "1\n" }));
  const elsewhere = operator.git("commit-tree", `${STATE}^{tree}`, "-p", STATE, "-m", "Elsewhere");
  operator.git("update-ref", STATE, elsewhere);
  const store = await startStore(operator);

  const outcome = await store.commit(change({ "live/b.json": "2\n" }));

  expect(outcome).toEqual({ kind: "raced", ref: STATE, actual: elsewhere });
  expect(operator.git("rev-parse", STATE)).toBe(elsewhere);
  expect(await store.readText("live/a.json")).toBe("1\n");
});

test("what came after the commits that are to be joined were read is not joined with them", async () => {
  const operator = makeRepository();
  const store = await startStore(operator);
  await store.commit(change({ "format.json": "{}\n" }));
  for (const name of ["a", "b"]) await store.holdBack(change({ [`live/${name}.json`]: "1\n" }));
  const made = store.unoffered;
  await store.holdBack(change({ "live/c.json": "1\n" }));
  const { tip } = store;

  expect((await store.join(change({}), made)).kind).toBe("moved");

  expect(store.tip).toBe(tip);
});
