/** What people do in the middle: a cap is lowered while attempts are at work, a held run is cancelled and tried again. */
import { expect, test } from "vitest";
import { budgetHolds, ITEMS, money, paying, run, shop, WRITER } from "../support/letter-shop.ts";

test("A cap that is lowered while attempts are at work holds for all that begins after it was seen.", async () => {
  const pay = paying(100_000);
  const of = shop({ play: pay, workspace: [{ per: "day", usd: 0.5 }] });
  of.plays["writer"] = (...asked) => {
    if (of.calls.length === 1) {
      const text = of.operator.git("show", "main:fettle.yaml");
      of.operator.commit({ "fettle.yaml": text.replace('"usd": 0.5', '"usd": 0.2') });
    }
    return pay(...asked);
  };
  await run(of);
  const begun = of.calls.length;
  expect(begun).toBeLessThanOrEqual(5);

  const [hold] = await budgetHolds(of);
  expect(hold?.why).toContain("of 0.2 USD per day");
  expect(of.calls).toHaveLength(begun);
  expect(await money(of)).toMatchObject({
    grants: [],
    totals: { [WRITER]: { micros: begun * 100_000 } },
  });
});

test("A held run that is cancelled and tried again pays for nothing twice.", async () => {
  const of = shop({ play: paying(100_000), workspace: [{ per: "day", usd: 0.6 }] });
  await run(of);
  expect(of.calls).toHaveLength(6);

  await of.cancel("letters");
  await of.tick();
  await of.retry("letters");
  expect((await budgetHolds(of)).map(({ reason }) => reason)).toContain("budget-exceeded");
  expect(of.calls).toHaveLength(6);

  of.travel("2026-03-02T23:00:01.000Z");
  expect(await budgetHolds(of)).toEqual([]);
  expect(of.calls).toHaveLength(ITEMS.length);
  expect(await money(of)).toMatchObject({ totals: { [WRITER]: { micros: 1_200_000 } } });
  expect((await of.verify()).findings).toEqual([]);
});
