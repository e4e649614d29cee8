import { expect, test } from "vitest";
import { addMs } from "#runner/core/time/instant.ts";
import { MAIL_STEPS, mailCompany, pipeline } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { approve, mergeGate, PLAYS, reasons, sent } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const STEPS = MAIL_STEPS.map((step) =>
  step["id"] === "send" ? { ...step, undoWindow: "10m" } : step,
);
const FILES = { ...mailCompany(), ...pipeline("shop/mail", STEPS) };

async function approvedShop(): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: FILES, plays: PLAYS });
  await shop.request("shop/mail");
  await shop.tick();
  await approve(shop);
  return shop;
}

test("After the approval an effect waits for its undo window, writes nothing meanwhile, and then happens once.", async () => {
  const shop = await approvedShop();
  const first = await shop.tick();
  const [run] = [...(await shop.look()).observed.runs.values()];
  const until = addMs(run?.decisions[0]?.at ?? "", 600_000);
  const refs = shop.operator.git("for-each-ref");

  shop.pass("9m");
  const waiting = await shop.tick();
  expect([reasons(first), reasons(waiting)]).toEqual([["undo-window"], ["undo-window"]]);
  expect(waiting.plan?.nextWake).toBe(until);
  expect(shop.operator.git("for-each-ref")).toBe(refs);
  expect(sent(shop)).toEqual([]);

  shop.pass("1m");
  await shop.tick();
  await shop.tick();

  expect(sent(shop)).toHaveLength(2);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("What is cancelled within its undo window never happens.", async () => {
  const shop = await approvedShop();
  await shop.tick();

  await shop.cancel("mail", "wrong list");
  shop.pass("1h");
  await shop.tick();

  expect(sent(shop)).toEqual([]);
  expect(shop.closedRuns()).toMatchObject([{ result: "cancelled" }]);
});

test("Any other runner sees the same end of the window, and only one of them acts.", async () => {
  const operator = makeRepository();
  operator.commit(FILES, "Start the company");
  const origin = addOrigin(operator);
  const first = new Rehearsal({ files: {}, operator, plays: PLAYS });
  await first.request("shop/mail");
  await first.tick();
  await mergeGate(first);
  operator.git("push", "--quiet", "origin", "main");
  await first.tick();

  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: PLAYS });
  second.travel("2026-03-02T09:09:00.000Z");
  const early = await second.tick();
  second.travel("2026-03-02T09:15:00.000Z");
  await second.tick();
  first.travel("2026-03-02T09:16:00.000Z");
  await first.tick();

  expect(reasons(early)).toContain("undo-window");
  expect([sent(first).length, sent(second).length]).toEqual([0, 2]);
});
