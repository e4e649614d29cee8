import { expect, test } from "vitest";
import { mailCompany, pipeline, MAIL_STEPS, settings } from "../support/company.ts";
import { Rehearsal } from "../support/rehearsal.ts";
import { PLAYS, reasons, sent } from "../support/mail-shop.ts";

const NAMES = ["mail", "post", "wire"];

/** A company of three pipelines that ask the same of an operator who looks once a day. */
async function busyShop(attention: object): Promise<Rehearsal> {
  const mails = NAMES.map((name) =>
    pipeline(`shop/${name}`, MAIL_STEPS, { triggers: { schedule: { cron: "0 9 * * *" } } }),
  );
  const files = Object.assign({}, mailCompany(), settings({ attention }), ...mails);
  const shop = new Rehearsal({ files, plays: PLAYS, now: "2026-03-02T08:59:00.000Z" });
  await shop.tick();
  shop.pass("1m");
  return shop;
}

async function openGates(shop: Rehearsal): Promise<readonly string[]> {
  const { observed } = await shop.look();
  return [...observed.gates.values()].map(({ record }) => record.pipeline).toSorted();
}

test("What is too much for the day is queued, opens on the next, and holds its pipeline back meanwhile.", async () => {
  const shop = await busyShop({ reviewsPerDay: 1 });
  const first = await shop.tick();

  expect(await openGates(shop)).toHaveLength(1);
  expect(reasons(first)).toEqual(["awaiting-approval", "attention-full", "attention-full"]);
  const { observed } = await shop.look();
  expect(Object.values(observed.summaries.projects.get("shop")?.queuedGates ?? {})).toMatchObject([
    { step: "review", answerBy: expect.stringContaining("2026-03-04T09:") },
    { step: "review" },
  ]);

  await shop.tick();
  expect((await shop.look()).observed.tip).toBe(observed.tip);

  shop.pass("15h");
  await shop.tick();
  expect(await openGates(shop)).toHaveLength(2);
  shop.pass("24h");
  await shop.tick();
  expect(await openGates(shop)).toHaveLength(3);
  // Its time has run since it was queued.
  shop.pass("9h");
  await shop.tick();
  expect(await openGates(shop)).toEqual([]);
  expect(sent(shop)).toEqual([]);
  expect((await shop.verify()).findings).toEqual([]);
});
