import { join } from "node:path";
import { expect, test } from "vitest";
import { BegunLog } from "#runner/repo/begun-log.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { pipeline } from "../support/company.ts";
import { reasons } from "../support/mail-shop.ts";
import { PAYMENT_STEPS, paymentShop, refunds } from "../support/payment-shop.ts";
import type { Rehearsal } from "../support/rehearsal.ts";

function lastRun(shop: Rehearsal): ClosedRun | undefined {
  return shop.closedRuns().at(-1);
}

const BOTH = [
  { payment: "p-bob", to: "bob", item: "bob" },
  { payment: "p-ann", to: "ann", item: "ann" },
];

test("After a later failure what the run did is undone, the newest first, and the run tells what was and what was not.", async () => {
  const shop = await paymentShop();
  const inOrder: string[] = [];
  shop.plays["payer"] = async ({ inputs }) => {
    // Ann's payment ends before Bob's.
    if (inputs["to"] === "bob") await new Promise((resolve) => setTimeout(resolve, 50));
    inOrder.push(String(inputs["to"]));
    return { receipt: { id: `p-${String(inputs["to"])}` } };
  };

  await shop.tick();

  expect(inOrder).toEqual(["ann", "bob"]);
  expect(refunds(shop)).toEqual(BOTH);
  const run = lastRun(shop);
  expect(run?.result).toBe("failed");
  expect(run?.reason).toContain("no log yet");
  expect(run?.reason).toContain("undone: payment/bob, payment/ann");
  expect(run?.reason).toContain("(a sent mail cannot be recalled)");
  const undoing = run?.attempts.filter(({ step }) => step === "pay-undo") ?? [];
  expect(undoing.map(({ item, outcome }) => [item, outcome])).toEqual([
    ["bob", "succeeded"],
    ["ann", "succeeded"],
  ]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("A run that succeeds, and one of which only items failed, undoes nothing.", async () => {
  const shop = await paymentShop();
  shop.plays["scribe"] = () => ({});
  shop.plays["payer"] = ({ item }) =>
    item === "ann" ? { outcome: "missing-data", reason: "no account", outputs: null } : {};

  await shop.tick();

  expect(lastRun(shop)?.result).toBe("degraded");
  expect(refunds(shop)).toEqual([]);
});

test("What is undone is not done again by itself, and nothing goes on as though it were done.", async () => {
  const shop = await paymentShop();
  await shop.tick();
  shop.calls.length = 0;
  shop.plays["scribe"] = () => ({});

  await shop.retry("pay");
  await shop.tick();

  expect(shop.called).not.toContain("payer");
  expect(shop.called).not.toContain("scribe");
  expect(lastRun(shop)?.result).toBe("failed");
  expect(lastRun(shop)?.reason).toContain("payment/ann was undone on");
  expect(lastRun(shop)?.reason).toContain("another once.key does it");
  // What the earlier run did is not this one's to undo.
  expect(refunds(shop)).toEqual([]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("Effects of different agents under one key are undone each.", async () => {
  const [find, pay] = PAYMENT_STEPS;
  const again = { ...pay, id: "book", agent: "sender", needs: ["pay"] };
  const log = { id: "log", agent: "scribe", needs: ["book"] };
  const shop = await paymentShop({ steps: [{ ...find }, { ...pay }, again, log] });
  shop.plays["sender"] = ({ inputs }) => ({ receipt: { id: `b-${String(inputs["to"])}` } });

  await shop.tick();

  expect(
    refunds(shop)
      .map((given) => JSON.stringify(given))
      .toSorted(),
  ).toEqual(
    ["b-ann", "b-bob", "p-ann", "p-bob"]
      .map((payment) => {
        const item = payment.slice(2);
        return JSON.stringify({ payment, to: item, item });
      })
      .toSorted(),
  );
  expect((await shop.verify()).findings).toEqual([]);
});

test("What another run did is not this one's to undo when it fails.", async () => {
  const shop = await paymentShop();
  const failing = shop.plays["scribe"] ?? (() => ({}));
  shop.plays["scribe"] = () => ({});
  await shop.tick();
  shop.plays["scribe"] = failing;

  await shop.request("shop/pay");
  await shop.tick();

  expect(lastRun(shop)?.result).toBe("failed");
  expect(refunds(shop)).toEqual([]);
});

test("After a crash in the middle, the rest is undone once, under the same key.", async () => {
  const shop = await paymentShop();
  let calls = 0;
  shop.plays["refunder"] = () => {
    calls += 1;
    if (calls === 2) throw new Error("the power is gone");
    return {};
  };
  await expect(shop.tick()).rejects.toThrow("the power is gone");

  await shop.tick();

  const keys = shop.calls
    .filter(({ agent }) => agent.name === "refunder")
    .map(({ effectKey, item }) => [item, effectKey]);
  expect(keys).toHaveLength(3);
  expect(keys[1]).toEqual(keys[2]);
  expect(lastRun(shop)?.reason).toContain("undone: ");
  expect((await shop.verify()).findings).toEqual([]);
});

test("What cannot be undone at once is tried again by class, then shown and tried every day; the others do not wait for it.", async () => {
  const shop = await paymentShop();
  shop.plays["refunder"] = ({ item }) =>
    item === "bob" ? { outcome: "auth", reason: "the key is old", outputs: null } : {};

  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["compensation-failed"]);
  expect(tick.holds[0]?.why).toContain("undo/payer/payment/bob failed: auth the key is old");
  expect(refunds(shop)).toEqual(BOTH);
  expect(shop.closedRuns()).toEqual([]);
  shop.plays["refunder"] = () => ({});
  shop.pass("1d");
  await shop.tick();
  expect(lastRun(shop)?.reason).toContain("undone: payment/bob, payment/ann");
});

test("When nobody knows whether something was undone, the operator is asked, and the answer counts.", async () => {
  const shop = await paymentShop({ refunder: { idempotency: "none" } });
  shop.plays["refunder"] = ({ item }) =>
    item === "bob" ? { outcome: "uncertain", reason: "no answer", outputs: null } : {};
  const tick = await shop.tick();
  expect(reasons(tick)).toEqual(["uncertain-effect"]);
  shop.plays["refunder"] = () => ({});

  await shop.answer("undo/payer/payment/bob", false);
  await shop.tick();

  expect(refunds(shop)).toHaveLength(3);
  expect(lastRun(shop)?.reason).toContain("undone: payment/bob, payment/ann");
  expect((await shop.verify()).findings).toEqual([]);
});

test("A cancelled run is undone, unless it is told to leave things as they are.", async () => {
  const shop = await paymentShop();
  shop.plays["sender"] = () => ({ outcome: "rate-limited", reason: "later", outputs: null });
  await shop.tick();
  await shop.cancel("pay");
  await shop.tick();
  expect(refunds(shop)).toHaveLength(2);
  expect(lastRun(shop)).toMatchObject({ result: "cancelled" });

  const kept = await paymentShop();
  kept.plays["sender"] = () => ({ outcome: "rate-limited", reason: "later", outputs: null });
  await kept.tick();
  await kept.cancel("pay", "", true);
  await kept.tick();

  expect(refunds(kept)).toEqual([]);
  expect(lastRun(kept)).toMatchObject({ result: "cancelled" });
});

test("What fails to be undone can be left as it is; nothing stays half-way.", async () => {
  const shop = await paymentShop({ refunder: { idempotency: "native" } });
  shop.plays["refunder"] = () => ({ outcome: "timeout", reason: "too slow", outputs: null });
  await shop.tick();

  await shop.cancel("pay", "I do it by hand", true);
  await shop.tick();

  expect(lastRun(shop)).toMatchObject({ result: "cancelled" });
  const { observed } = await shop.look();
  const doubts = observed.summaries.projects.get("shop")?.uncertain ?? [];
  expect(doubts.map(({ onceKey }) => onceKey)).toEqual(["undo/payer/payment/bob"]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("At high risk a person is asked before anything is undone.", async () => {
  const shop = await paymentShop({ refunder: { risk: 70 } });

  const tick = await shop.tick();

  expect(refunds(shop)).toEqual([]);
  expect(reasons(tick)).toEqual(["awaiting-approval", "awaiting-approval"]);
  expect(tick.holds[0]?.why).toContain("risk 70");
});

test("After a rejection what came before the gate is undone.", async () => {
  const gate = {
    id: "check",
    gate: "All right?",
    ask: "always",
    show: { paid: "${{ steps.pay.items }}" },
  };
  const shop = await paymentShop({ steps: [...PAYMENT_STEPS.slice(0, 2), gate] });
  await shop.tick();

  await shop.reject((await shop.gate()).id, "too much");
  await shop.tick();

  expect(refunds(shop)).toHaveLength(2);
  expect(lastRun(shop)).toMatchObject({ result: "rejected" });
});

test("Of what is in doubt when a run ends it says how it is undone, and so it is once the operator knows.", async () => {
  // Whoever did not hear back has no receipt to hand on.
  const compensate = { agent: "refunder", with: { to: "${{ inputs.to }}" } };
  const steps = PAYMENT_STEPS.map((step) =>
    step["id"] === "pay" ? { ...step, compensate } : step,
  );
  const shop = await paymentShop({ steps });
  shop.plays["payer"] = ({ item }) =>
    item === "bob" ? { outcome: "uncertain", reason: "no answer", outputs: null } : {};
  await shop.tick();
  const run = lastRun(shop)?.run.id ?? "";
  const before = refunds(shop).length;

  await shop.answer("payment/bob", true);
  await shop.undo("pay");
  await shop.tick();
  await shop.tick();

  expect(shop.closedRuns()[0]?.reason).toContain(
    `payment/bob (nobody knows whether it happened; once that is answered, fettle undo ${run})`,
  );
  expect(before).toBe(1);
  expect(refunds(shop)).toHaveLength(2);
  expect(lastRun(shop)?.reason).toContain("payment/bob");
  expect(lastRun(shop)?.reason).not.toContain("nobody knows");
  expect((await shop.verify()).findings).toEqual([]);
});

test("An undoing that was given up because its runner died again and again is tried once more like any other step.", async () => {
  const shop = await paymentShop();
  const items: (string | null)[] = [];
  shop.plays["refunder"] = ({ item }) => {
    items.push(item);
    throw new Error("the power is gone");
  };
  await expect(shop.tick()).rejects.toThrow("the power is gone");
  const [run] = (await shop.look()).observed.runs.keys();
  const begun = new BegunLog({ fettleDir: join(shop.operator.path, ".git/fettle") });
  const key = JSON.stringify([run, "pay-undo", items[0], 1]);
  for (let times = 1; times <= 5; times += 1) begun.begin(key);
  shop.plays["refunder"] = () => ({});

  const waiting = await shop.tick();
  shop.pass("1h");
  await shop.tick();

  expect(reasons(waiting)).toEqual(["retry-wait"]);
  expect(lastRun(shop)?.reason).toContain("undone: payment/");
  const undoing = lastRun(shop)?.attempts.filter(({ step }) => step === "pay-undo");
  expect(undoing?.map(({ attempt, outcome }) => [attempt, outcome])).toContainEqual([1, "crashed"]);
  expect(undoing?.map(({ attempt, outcome }) => [attempt, outcome])).toContainEqual([
    2,
    "succeeded",
  ]);
  expect((await shop.verify()).findings).toEqual([]);
});

function stepsWithRefund(payment: string): typeof PAYMENT_STEPS {
  return PAYMENT_STEPS.map((step) =>
    step["id"] === "pay"
      ? { ...step, compensate: { agent: "refunder", with: { payment, to: "${{ inputs.to }}" } } }
      : step,
  );
}

test("Where the expressions of `compensate` give nothing, those count that main has by now; the hold says so.", async () => {
  const shop = await paymentShop({ steps: stepsWithRefund("${{ receipt.number }}") });
  const stuck = await shop.tick();
  const before = refunds(shop);

  shop.operator.commit(pipeline("shop/pay", stepsWithRefund("${{ receipt.id }}")), "Mend it");
  await shop.tick();

  expect(reasons(stuck)).toContain("expression");
  expect(stuck.holds.find(({ reason }) => reason === "expression")?.unblock).toMatch(
    /^mend compensate\.with of step pay in projects\/shop\/pipelines\/pay\.yaml on main: the next tick takes what stands there; fettle cancel pay\.\w+ --keep /u,
  );
  expect(before).toEqual([]);
  expect(refunds(shop)).toEqual([
    { payment: "p-bob", to: "bob" },
    { payment: "p-ann", to: "ann" },
  ]);
  expect(lastRun(shop)?.reason).toContain("undone: payment/bob, payment/ann");
  expect((await shop.verify()).findings).toEqual([]);
});

test("As long as its own expressions give something, a run undoes what it did as it began.", async () => {
  const shop = await paymentShop({ refunder: { risk: 70 } });
  await shop.tick();

  shop.operator.commit(pipeline("shop/pay", stepsWithRefund("another")), "Change it");
  await shop.undo("pay");
  await shop.tick();

  expect(refunds(shop)).toEqual(BOTH);
});

test("Another agent of main's is not taken for what a run has to undo.", async () => {
  const shop = await paymentShop({ steps: stepsWithRefund("${{ receipt.number }}") });
  await shop.tick();

  const other = PAYMENT_STEPS.map((step) =>
    step["id"] === "pay" ? { ...step, compensate: { agent: "sender", with: {} } } : step,
  );
  shop.operator.commit(pipeline("shop/pay", other), "Mend it");
  const tick = await shop.tick();

  expect(refunds(shop)).toEqual([]);
  expect(reasons(tick)).toContain("expression");
});
