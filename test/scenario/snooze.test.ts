import { expect, test } from "vitest";
import { approve, mailShop, reasons, sent } from "../support/mail-shop.ts";

test("A gate that is put off rests, comes back by itself, and may be answered at any time.", async () => {
  const shop = await mailShop();
  const { id } = await shop.gate();
  await shop.snooze(id, "2026-03-03T09:00:00.000Z");

  const asleep = await shop.tick();
  expect(reasons(asleep)).toEqual(["snoozed"]);
  expect(asleep.plan?.nextWake).toBe("2026-03-03T09:00:00.000Z");
  const { tip } = (await shop.look()).observed;
  await shop.tick();
  expect((await shop.look()).observed.tip).toBe(tip);

  shop.pass("24h");
  expect(reasons(await shop.tick())).toEqual(["awaiting-approval"]);

  await shop.snooze(id, "2026-03-09T09:00:00.000Z");
  await approve(shop);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
  const { requests } = (await shop.look()).observed;
  expect(requests).toEqual([]);
  expect((await shop.verify()).verdict).toBe("verified");
});
