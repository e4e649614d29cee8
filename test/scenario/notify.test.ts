import { afterAll, expect, test } from "vitest";
import { tell } from "#runner/loop/tell.ts";
import { reconcile } from "#runner/reconcile.ts";
import { noteCompany, settings } from "../support/company.ts";
import { hookServer } from "../support/hook-server.ts";
import { mailShop } from "../support/mail-shop.ts";
import { mailCompany } from "../support/company.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const hook = await hookServer();
afterAll(() => hook.close());

/** A tick, and what is told after it. */
function tickAndTell(shop: Rehearsal, due: string | null = null): Promise<readonly string[]> {
  const { signal } = new AbortController();
  return shop.write(async (engine) => {
    const began = engine.clock();
    const tick = await reconcile(engine, signal);
    return tell(engine, { ...tick, due, began }, signal);
  });
}

function paths(): readonly string[] {
  return hook.asked.map(({ path }) => path);
}

test("Who wants to hear of a gate hears of it once, after quiet hours, and again only of another.", async () => {
  hook.asked.length = 0;
  const notify = [
    { on: ["gate-opened"], to: `${hook.url}/now` },
    { on: ["gate-opened"], to: `${hook.url}/later`, quiet: { from: "08:00", to: "12:00" } },
    { on: ["failed"], to: `${hook.url}/failed` },
  ];
  const shop = await mailShop({ files: { ...mailCompany(), ...settings({ notify }) } });

  expect(await tickAndTell(shop)).toEqual([]);
  await tickAndTell(shop);
  expect(paths()).toEqual(["/now"]);

  shop.travel("2026-03-02T12:30:00.000Z");
  await tickAndTell(shop);
  await tickAndTell(shop);
  expect(paths()).toEqual(["/now", "/later"]);
  expect(JSON.parse(hook.asked[0]?.body ?? "")).toMatchObject({
    on: "gate-opened",
    title: "Send the mails (shop)",
  });
});

test("A word that is refused fails no tick and is said again by the next one; one in doubt is not.", async () => {
  hook.asked.length = 0;
  const notify = [{ on: ["stopped", "failed"], to: `${hook.url}/hook` }];
  const shop = new Rehearsal({
    files: { ...noteCompany(), ...settings({ notify }) },
    plays: { scribe: () => ({ outcome: "missing-data", reason: "no ink", outputs: null }) },
  });
  await shop.request("shop/note");

  hook.status = 503;
  expect(await tickAndTell(shop)).toEqual([
    expect.stringContaining("HTTP 503; the next tick tries again"),
  ]);
  hook.status = null;
  expect(await tickAndTell(shop)).toEqual([expect.stringContaining("nobody knows")]);
  hook.status = 200;
  expect(await tickAndTell(shop)).toEqual([]);

  expect(paths()).toEqual(["/hook", "/hook"]);
  expect(hook.asked[1]?.body).toContain("no ink");
});

test("Every tick asks for the heartbeat, also one that finds nothing to do, and one that is late says so.", async () => {
  hook.asked.length = 0;
  hook.status = 200;
  const shop = new Rehearsal({
    files: { ...noteCompany(), ...settings({ heartbeat: `${hook.url}/beat` }) },
  });

  await tickAndTell(shop);
  await tickAndTell(shop);
  const late = await tickAndTell(shop, "2026-03-02T06:00:00.000Z");
  const inTime = await tickAndTell(shop, "2026-03-02T08:50:00.000Z");

  expect(paths()).toEqual(["/beat", "/beat", "/beat", "/beat"]);
  expect(late).toEqual([
    "this tick comes 180 minutes late: it was due at 2026-03-02T06:00:00.000Z",
  ]);
  expect(inTime).toEqual([]);
});
