/** A runner whose clock was months ahead, and what `doctor --repair` makes of what it has recorded. */
import { expect, test } from "vitest";
import { clockCheck, repairClock } from "#runner/verbs/clock-check.ts";
import type { Check } from "#runner/verbs/check.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { paying } from "../support/letter-shop.ts";
import { reasons } from "../support/mail-shop.ts";
import { made, Rehearsal } from "../support/rehearsal.ts";

const AHEAD = "2026-07-01T12:00:00.000Z";
const BACK = "2026-03-03T12:00:00.000Z";
const WATCH = "2026-03-03 12:00";

/** Writes a note every morning, with a model that may take 0.25 USD a month; a letter goes out along with it. */
async function shopWithWrongClock(): Promise<Rehearsal> {
  const limits = { usd: 0.1, wall: "1m" };
  const files = {
    ...settings({
      budget: [{ per: "month", usd: 0.25 }],
      models: { big: { provider: "anthropic", model: "large", key: "KEY" } },
      secrets: { KEY: { env: "KEY" } },
    }),
    ...project("shop"),
    ...agent("scribe", { writes: ["${{ project.dir }}/**"], runtime: { model: "big" }, limits }),
    ...pipeline("shop/note", [{ id: "write", agent: "scribe" }], {
      triggers: { schedule: { cron: "0 8 * * *" } },
    }),
  };
  const pay = paying(100_000);
  const scribe = async (...asked: Parameters<typeof pay>): Promise<object> => ({
    ...made("projects/shop/note.txt", `${asked[0].asOf ?? ""}\n`),
    ...(await pay(...asked)),
  });
  const shop = new Rehearsal({ files, plays: { scribe } });
  await shop.tick();
  shop.travel(AHEAD);
  await shop.tick();
  shop.travel(BACK);
  return shop;
}

function checked(shop: Rehearsal): Promise<Check> {
  return shop.read(async (engine) => clockCheck(engine, await shop.look()));
}

function repaired(shop: Rehearsal, said: string | null = WATCH): Promise<readonly string[]> {
  return shop.write((engine) => repairClock(engine, said, new AbortController().signal));
}

function slots({ calls }: Rehearsal): readonly string[] {
  return calls.map(({ asOf }) => asOf ?? "");
}

test("What was recorded in the future is told, taken back, and all goes on from now, without a name that was used.", async () => {
  const shop = await shopWithWrongClock();
  expect(reasons(await shop.tick())).toEqual(["clocks-apart"]);
  const told = await checked(shop);
  expect(told.status).toBe("problem");
  expect(told.what).toContain("the schedule of shop/note (2026-07-01T08:00:00.000Z)");
  expect(told.what).toContain("what was taken of budgets (2026-07-01T00:00:00.000Z)");
  expect(told.fix).toContain("fettle doctor --repair --now");

  // Nobody has said that this clock is right: were it behind, what is used up would be free again.
  expect(await repaired(shop, null)).toEqual([]);
  expect((await repaired(shop, "2026-07-01 12:05")).join()).toMatch(
    /^nothing is taken back: here/u,
  );
  expect((await checked(shop)).status).toBe("problem");

  const [did, ...more] = await repaired(shop);
  expect(did).toMatch(/^taken back to 2026-03-03T12:00:00/u);
  expect(more).toEqual([]);
  expect((await checked(shop)).status).toBe("ok");
  expect(await repaired(shop)).toEqual([]);

  shop.travel("2026-03-04T09:00:00.000Z");
  expect(reasons(await shop.tick())).toEqual([]);
  // The month holds two of three: what was taken with the wrong clock counts in this one.
  shop.travel("2026-03-05T09:00:00.000Z");
  expect(reasons(await shop.tick())).toEqual(["budget-exceeded"]);
  await shop.cancel("note");
  shop.travel("2026-07-01T09:00:00.000Z");
  await shop.tick();
  expect(slots(shop)).toEqual([
    "2026-07-01T08:00:00.000Z",
    "2026-03-04T08:00:00.000Z",
    "2026-07-01T08:00:00.000Z",
  ]);
  expect(new Set(shop.closedRuns().map(({ run }) => run.id)).size).toBe(4);
  expect((await shop.verify()).findings).toEqual([]);
});

test("Where main was committed later than now, it is this clock that is wrong, and nothing is taken back.", async () => {
  const shop = await shopWithWrongClock();
  shop.travel("2026-02-01T12:00:00.000Z");

  const told = await checked(shop);
  expect(told.fix).toBe(
    "set the clock of this machine: main was committed at 2026-03-02T09:00:00.000Z",
  );
  expect(await repaired(shop)).toEqual([]);
  expect((await checked(shop)).status).toBe("problem");
});
