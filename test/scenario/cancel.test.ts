import { expect, test } from "vitest";
import { mailCompany, noteCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type FileTexts } from "../support/git-repo.ts";
import { approve, mailShop, mergeGate, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

test("A cancelled run closes with its gate, and its branch goes; nothing is sent.", async () => {
  const shop = await mailShop();
  const { branch } = await shop.gate();

  await shop.cancel("mail", "the wrong list");
  await shop.tick();

  const [run] = shop.closedRuns();
  expect(run).toMatchObject({ result: "cancelled" });
  expect(run?.reason).toContain("the wrong list");
  const { observed } = await shop.look();
  expect([observed.gates.size, observed.requests]).toEqual([0, []]);
  expect(shop.operator.git("branch", "--list", branch)).toBe("");
  expect(sent(shop)).toEqual([]);
  // Its end answers the request: nothing is left to settle.
  expect(shop.operator.git("log", "--format=%s", "fettle/state")).not.toContain("settled");
  expect((await shop.verify()).findings).toEqual([]);
});

test("An approval that no tick has seen does not outrun the cancellation.", async () => {
  const shop = await mailShop();
  await approve(shop);
  await shop.cancel("mail");

  await shop.tick();

  expect(sent(shop)).toEqual([]);
  expect(shop.closedRuns()).toMatchObject([{ result: "cancelled" }]);
});

test("An effect that a crash left half-way is in doubt when its run is cancelled, and is never sent again by it.", async () => {
  const shop = await mailShop({ files: mailCompany("native") });
  shop.plays["sender"] = () => {
    throw new Error("the power is gone");
  };
  await mergeGate(shop);
  await expect(shop.tick()).rejects.toThrow("the power is gone");
  const before = sent(shop).length;
  shop.plays["sender"] = PLAYS["sender"] ?? (() => ({}));

  await shop.cancel("mail");
  await shop.tick();

  expect(sent(shop)).toHaveLength(before);
  expect(shop.closedRuns()).toMatchObject([{ result: "cancelled" }]);
  const { observed } = await shop.look();
  const doubts = observed.summaries.projects.get("shop")?.uncertain ?? [];
  expect(doubts.map(({ onceKey }) => onceKey)).toEqual(["mail/ann", "mail/bob"]);
  expect((await shop.verify()).findings).toEqual([]);
});

/** Mails are sent one after another. */
function oneByOne(): FileTexts {
  const path = "projects/shop/pipelines/mail.yaml";
  const manifest = JSON.parse(String(mailCompany()[path]));
  return { ...mailCompany(), [path]: JSON.stringify({ ...manifest, maxParallel: 1 }) };
}

test("Another clone cancels while a mail is sent: this one is, and counts; the next is not.", async () => {
  const operator = makeRepository();
  operator.commit(oneByOne(), "Start the company");
  const origin = addOrigin(operator);
  const shop = await mailShop({ operator, files: {} });
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  shop.plays["sender"] = async (_, signal) => {
    await other.cancel("mail", "not today");
    expect(signal.aborted).toBe(false);
    return { receipt: { key: "k" } };
  };
  await mergeGate(shop);
  operator.git("push", "--quiet", "origin", "main");

  await shop.tick();

  expect(sent(shop)).toHaveLength(1);
  expect(shop.closedRuns()).toMatchObject([{ result: "cancelled" }]);
  const sendings = shop.closedRuns()[0]?.attempts.filter(({ step }) => step === "send") ?? [];
  expect(sendings.map(({ outcome }) => outcome)).toEqual(["succeeded"]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("A step without effects that is at work is cut off when the cancellation becomes known.", async () => {
  const shop = new Rehearsal({ files: { ...noteCompany(), ...mailCompany() }, plays: PLAYS });
  const origin = addOrigin(shop.operator);
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  const asked = Promise.withResolvers<void>();
  shop.plays["scribe"] = async (_, signal) => {
    await other.cancel("note");
    asked.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return { outcome: "cancelled", reason: "it was stopped", outputs: null };
  };
  // The gate that opens next is published, and so the news arrives.
  shop.plays["writer"] = async () => {
    await asked.promise;
    return { outputs: { text: "Hello" } };
  };
  await shop.request("shop/note");
  await shop.request("shop/mail");

  await shop.tick();

  const ended = shop.closedRuns().find(({ run }) => run.pipeline === "note");
  expect(ended).toMatchObject({ result: "cancelled", attempts: [{ outcome: "cancelled" }] });
});

test("After a cancellation there is nothing left to do.", async () => {
  const shop = await mailShop();
  await shop.cancel("mail");
  await shop.tick();

  const tick = await shop.tick();

  expect(reasons(tick)).toEqual([]);
  expect(tick.booked).toBe(0);
});
