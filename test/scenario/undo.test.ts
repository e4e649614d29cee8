import { expect, test } from "vitest";
import { look } from "#runner/loop/look.ts";
import { undoPreview, type UndoPreview } from "#runner/loop/undo-run.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { compact, filesOf } from "../support/compacted-shop.ts";
import { reasons } from "../support/mail-shop.ts";
import { paymentShop, refunds } from "../support/payment-shop.ts";
import type { Rehearsal } from "../support/rehearsal.ts";

/** With a run that succeeded: two payments, a mail. */
async function paid(changes: Parameters<typeof paymentShop>[0] = {}): Promise<Rehearsal> {
  const shop = await paymentShop(changes);
  shop.plays["scribe"] = () => ({});
  await shop.tick();
  return shop;
}

function lastRun(shop: Rehearsal): ClosedRun | undefined {
  return shop.closedRuns().at(-1);
}

const EVE = "eve@elsewhere.example";

const PAYMENTS = [
  { payment: "p-bob", to: "bob", item: "bob" },
  { payment: "p-ann", to: "ann", item: "ann" },
];

test("What an ended run did is undone by a run of its own, which tells what was and what was not.", async () => {
  const shop = await paid();
  const [before] = shop.closedRuns();

  await shop.undo("pay");
  await shop.tick();

  expect(new Set(refunds(shop))).toEqual(new Set(PAYMENTS));
  const run = lastRun(shop);
  expect(run).toMatchObject({
    result: "succeeded",
    run: { pipeline: "undo.pay", undoes: { run: before?.run.id } },
  });
  expect(run?.reason).toContain("undone: payment/");
  expect(run?.reason).toContain("(a sent mail cannot be recalled)");
  expect((await shop.verify()).findings).toEqual([]);
});

test("Undone once is undone: a second time nothing is done, and the pipeline's own cursors stay.", async () => {
  const shop = await paid();
  await shop.undo("pay");
  await shop.tick();
  const { observed } = await shop.look();
  const state = observed.summaries.projects.get("shop")?.pipelines["pay"];

  await shop.undo("pay");
  await shop.tick();

  expect(refunds(shop)).toHaveLength(2);
  const after = (await shop.look()).observed.summaries.projects.get("shop")?.pipelines["pay"];
  expect(after).toEqual(state);
  expect(state?.lastRun?.result).toBe("succeeded");
});

/** What `fettle undo` would say of a run that has ended. */
function previewOf(shop: Rehearsal, { run, endedAt }: ClosedRun): Promise<UndoPreview | undefined> {
  return shop.read(async (engine) => {
    const { workspace, observed } = await look(engine);
    if (workspace === null) throw new Error("there is no workspace");
    return undoPreview(engine, { workspace, observed }, { run: run.id, endedAt });
  });
}

test("What a run did long ago is shown like what it did today: its receipts were compacted.", async () => {
  const shop = await paid();
  const [closed] = shop.closedRuns();
  if (closed === undefined) throw new Error("nothing has ended");
  const before = await previewOf(shop, closed);
  shop.pass("40d");
  await compact(shop);

  const after = await previewOf(shop, closed);

  expect(filesOf(shop, "once/").filter((path) => path.endsWith(".json"))).toEqual([]);
  expect(before?.effects.map(({ state }) => state)).toContain("open");
  expect(after).toEqual(before);
});

test("After a crash an undoing goes on where it stood.", async () => {
  const shop = await paid();
  let calls = 0;
  shop.plays["refunder"] = () => {
    calls += 1;
    if (calls === 2) throw new Error("the power is gone");
    return {};
  };
  await shop.undo("pay");
  await expect(shop.tick()).rejects.toThrow("the power is gone");

  await shop.tick();

  expect(calls).toBe(3);
  expect(lastRun(shop)).toMatchObject({ result: "succeeded", run: { pipeline: "undo.pay" } });
  expect((await shop.verify()).findings).toEqual([]);
});

test("An undoing that is cancelled leaves nothing half-way.", async () => {
  const shop = await paid({ refunder: { idempotency: "native" } });
  shop.plays["refunder"] = () => ({ outcome: "timeout", reason: "too slow", outputs: null });
  await shop.undo("pay");
  await shop.tick();

  await shop.cancel("undo.pay");
  await shop.tick();

  expect(lastRun(shop)).toMatchObject({ result: "cancelled" });
  const { observed } = await shop.look();
  expect(observed.summaries.projects.get("shop")?.uncertain).toHaveLength(1);
  expect(observed.requests).toEqual([]);
});

test("At high risk a failed run waits for a word, and goes on with it.", async () => {
  const shop = await paymentShop({ refunder: { risk: 70 } });
  const waiting = await shop.tick();
  expect(reasons(waiting)).toEqual(["awaiting-approval", "awaiting-approval"]);

  await shop.undo("pay");
  await shop.tick();

  expect(refunds(shop)).toHaveLength(2);
  expect(lastRun(shop)).toMatchObject({ result: "failed" });
  expect((await shop.look()).observed.requests).toEqual([]);
  // The end of the run answers the word: nothing is left to settle.
  expect(shop.operator.git("log", "--format=%s", "fettle/state")).not.toContain("settled");
  expect((await shop.verify()).findings).toEqual([]);
});

test("At high risk the word of somebody who is no operator undoes nothing, neither while the run waits nor after it.", async () => {
  const shop = await paymentShop({ refunder: { risk: 70 } });
  await shop.tick();

  await shop.undo("pay", EVE);
  const waiting = await shop.tick();
  await shop.cancel("pay", "", true);
  await shop.tick();
  await shop.undo("pay", EVE);
  await shop.tick();

  expect(reasons(waiting)).toEqual(["awaiting-approval", "awaiting-approval"]);
  expect(shop.closedRuns().map(({ run }) => run.pipeline)).toEqual(["pay"]);
  expect(refunds(shop)).toEqual([]);
  expect((await shop.look()).observed.requests).toEqual([]);
  expect((await shop.verify()).findings).toEqual([]);
});
