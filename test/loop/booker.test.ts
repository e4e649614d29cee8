import { expect, onTestFinished, test, vi } from "vitest";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import { gateRef, pendingRef, STATE } from "#runner/core/ref-names.ts";
import { transaction } from "#runner/core/transaction.ts";
import { Booker } from "#runner/loop/booker.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { makeRepository, type TestRepository } from "../support/git-repo.ts";
import { applied } from "../support/ledger-events.ts";

const START = Date.parse("2026-11-22T10:00:00.000Z");

/** The version of a project, applied at its own moment. */
function version(number: number): Transaction {
  const at = new Date(START + number).toISOString();
  return transaction({ event: applied({ at }) });
}

interface Desk {
  readonly operator: TestRepository;
  readonly store: StateStore;
  readonly booker: Booker;
  /** Instants of what was told to be durable. */
  readonly told: string[];
}

async function makeDesk(): Promise<Desk> {
  const operator = makeRepository();
  const author = { name: "fettle", email: "runner@fettle.invalid" };
  const store = new StateStore({ repository: await operator.open(), author });
  onTestFinished(() => store.close());
  const told: string[] = [];
  const onBooked = (transactions: readonly Transaction[]): void => {
    told.push(...transactions.map(({ event }) => event.at));
  };
  return {
    operator,
    store,
    told,
    booker: new Booker({ store, summaries: NO_SUMMARIES, onBooked }),
  };
}

function commits({ operator, store }: Desk): number {
  return Number(operator.git("rev-list", "--count", store.tip ?? STATE));
}

test("one that the state has left behind books nothing any more: its summaries are those of a tip that is gone", async () => {
  const desk = await makeDesk();
  await desk.booker.book([version(1)], []);
  desk.booker.retire();

  await desk.booker.add([version(2)]);
  await desk.booker.settle();

  expect(desk.booker.refusal).toEqual({ kind: "moved" });
  expect(commits(desk)).toBe(1);
});

test("what is added is booked in order; what comes meanwhile shares a commit", async () => {
  const desk = await makeDesk();
  const all = [1, 2, 3, 4].map(version);

  for (const one of all) {
    await desk.booker.add([one]);
    desk.booker.begin();
  }
  expect(desk.booker.waiting).toEqual(all);
  await desk.booker.settle();

  expect(desk.told).toEqual(all.map(({ event }) => event.at));
  expect(desk.booker.waiting).toEqual([]);
  expect(commits(desk)).toBeLessThan(all.length);
});

test("what is booked shares the commit of what was added last, and stands after it", async () => {
  const desk = await makeDesk();
  await desk.booker.add([version(1)]);

  await desk.booker.book([version(2)], []);

  expect(desk.told).toEqual([version(1).event.at, version(2).event.at]);
  expect(commits(desk)).toBe(1);
});

test("what is added is written once the loop begins to wait, and what is booked then stands after it", async () => {
  const desk = await makeDesk();
  const write = vi.spyOn(desk.store, "holdBack");
  await desk.booker.add([version(1)]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(write).not.toHaveBeenCalled();

  desk.booker.begin();
  await desk.booker.book([version(2)], []);

  expect(desk.told).toEqual([version(1).event.at, version(2).event.at]);
  expect(commits(desk)).toBe(2);
});

test("after a refusal nothing is booked any more, and nothing is told to be durable", async () => {
  const desk = await makeDesk();
  await desk.booker.book([version(1)], []);
  const before = commits(desk);
  const aside = pendingRef("local", STATE);
  desk.operator.git("update-ref", aside, desk.operator.git("rev-parse", "main"));

  await desk.booker.add([version(2)]);
  await desk.booker.settle();
  desk.operator.git("update-ref", "-d", aside);
  await desk.booker.book([version(3)], []);

  expect(desk.booker.refusal).toMatchObject({ kind: "raced", ref: aside });
  expect(desk.booker.waiting).toEqual([version(2)]);
  expect(desk.told).toEqual([version(1).event.at]);
  expect(commits(desk)).toBe(before);
});

test("what a write threw is thrown to who settles, and nothing is booked after it", async () => {
  const desk = await makeDesk();
  const commit = vi.spyOn(desk.store, "holdBack").mockRejectedValueOnce(new Error("no space"));

  await desk.booker.add([version(1)]);
  await expect(desk.booker.settle()).rejects.toThrow("no space");
  await expect(desk.booker.book([version(2)], [])).rejects.toThrow("no space");
  await desk.booker.add([version(3)]);
  await expect(desk.booker.settle()).rejects.toThrow("no space");

  expect(commit).toHaveBeenCalledTimes(1);
  expect(desk.told).toEqual([]);
});

test("what is added waits beside the branch, and goes there with what moves other refs", async () => {
  const desk = await makeDesk();
  const head = desk.operator.git("rev-parse", "main");
  await desk.booker.book([version(1)], []);
  const before = desk.operator.git("rev-parse", STATE);
  for (const number of [2, 3]) {
    await desk.booker.add([version(number)]);
    await desk.booker.settle();
  }
  await desk.booker.book([version(4)], []);
  expect(desk.operator.git("rev-parse", STATE)).toBe(before);

  await desk.booker.book([version(5)], [{ ref: gateRef("g"), from: null, to: head }]);

  expect(desk.operator.git("rev-parse", STATE)).toBe(desk.store.tip);
  expect(desk.operator.git("rev-parse", gateRef("g"))).toBe(head);
  expect(desk.operator.git("for-each-ref", "refs/fettle/pending")).toBe("");
  expect(commits(desk)).toBe(3);
});

test("what is the only thing to publish goes straight to the branch", async () => {
  const desk = await makeDesk();
  const held = vi.spyOn(desk.store, "holdBack");
  await desk.booker.add([version(1), version(2)]);

  await desk.booker.flush();
  await desk.booker.flush();

  expect(held).not.toHaveBeenCalled();
  expect(desk.operator.git("rev-list", "--count", STATE)).toBe("1");
  expect(desk.told).toHaveLength(2);
});

test("who adds waits for the disk once too much waits", async () => {
  const desk = await makeDesk();
  const disk = Promise.withResolvers<void>();
  const commit = desk.store.holdBack.bind(desk.store);
  vi.spyOn(desk.store, "holdBack").mockImplementation(async (change) => {
    await disk.promise;
    return commit(change);
  });
  const some = Array.from({ length: 512 }, (_, index) => version(index));

  await desk.booker.add(some);
  expect(desk.booker.waiting).toHaveLength(512);
  let isThrough = false;
  const more = desk.booker.add([version(513)]).then(() => (isThrough = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isThrough).toBe(false);

  disk.resolve();
  await more;

  expect(desk.booker.waiting).toEqual([]);
  expect(desk.told).toHaveLength(513);
});
