import { existsSync, mkdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { CACHE_VERSION } from "#runner/loop/cache-version.ts";
import { agent, noteCompany } from "../support/company.ts";
import { mailShop, reasons } from "../support/mail-shop.ts";
import { made, Rehearsal } from "../support/rehearsal.ts";

/** Everything that a write would change. */
function written({ operator }: Rehearsal): readonly string[] {
  return [operator.git("for-each-ref"), operator.git("count-objects", "--verbose")];
}

/** Without it every tick looks at everything. */
function forget({ operator }: Rehearsal): void {
  rmSync(join(operator.path, ".git/fettle/cache"), { recursive: true, force: true });
}

test("A tick that finds nothing to do writes nothing.", async () => {
  const shop = new Rehearsal({
    files: noteCompany(),
    plays: { scribe: () => made("projects/shop/a", "a") },
  });
  await shop.request("shop/note");
  await shop.tick();
  const before = written(shop);

  const remembered = await shop.tick();
  forget(shop);
  const looked = await shop.tick();

  expect([remembered.booked, looked.booked]).toEqual([0, 0]);
  expect(written(shop)).toEqual(before);
});

test("A tick that finds a gate still waiting writes nothing, and says so each time.", async () => {
  const shop = await mailShop();
  const before = written(shop);

  const remembered = await shop.tick();
  forget(shop);
  const looked = await shop.tick();

  expect([reasons(remembered), reasons(looked)]).toEqual([
    ["awaiting-approval"],
    ["awaiting-approval"],
  ]);
  expect(written(shop)).toEqual(before);
});

test("A held delivery is tried again without writing a commit each time.", async () => {
  const shop = new Rehearsal({
    files: noteCompany(),
    plays: { scribe: () => made("projects/shop/a", "a") },
  });
  await shop.request("shop/note");
  shop.operator.write({ "projects/shop/a": "mine" });
  await shop.tick();
  const before = shop.operator.git("for-each-ref");

  expect(reasons(await shop.tick())).toEqual(["worktree-conflict"]);

  expect(shop.operator.git("for-each-ref")).toBe(before);
});

test("A tick that has changed something keeps the cache small; one that finds nothing to do leaves it.", async () => {
  const shop = new Rehearsal({
    files: noteCompany(),
    plays: { scribe: () => made("projects/shop/a", "a") },
  });
  const old = join(shop.operator.path, ".git/fettle/cache/ol/old.json");
  const fill = (): void => {
    mkdirSync(dirname(old), { recursive: true });
    writeFileSync(old, "0");
    truncateSync(old, 65 * 1024 * 1024);
    utimesSync(old, 0, 0);
  };
  fill();
  await shop.tick();
  expect(existsSync(old)).toBe(false);
  fill();
  shop.pass("1d");

  await shop.tick();

  expect(existsSync(old)).toBe(true);
});

test("An edit outside the project's folder is seen by the next tick, also after one at which the project rested.", async () => {
  const files = { ...noteCompany(), ...agent("scribe", { writes: ["notes/**"] }) };
  const shop = new Rehearsal({ files, plays: { scribe: () => made("notes/a", "a") } });
  await shop.request("shop/note");
  await shop.tick();
  await shop.tick();
  shop.operator.commit({ "README.md": "One that is at rest.\n" }, "Say what this is");
  await shop.tick();
  const rested = await shop.read(({ cache }) => cache.get(`resting-${CACHE_VERSION}`));
  expect(rested).toMatchObject({
    projects: [{ name: "shop", elsewhere: { "notes/a": expect.any(String) } }],
  });

  shop.operator.commit({ "notes/a": "better" }, "Edit the note");
  const tick = await shop.tick();

  expect(tick.booked).toBe(1);
  const { observed } = await shop.look();
  expect(observed.summaries.inventories.get("shop")?.edited).toHaveProperty(["notes/a"]);
  expect((await shop.tick()).booked).toBe(0);
});
