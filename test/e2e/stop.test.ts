/** `fettle stop` and `fettle start` as an operator types them. */
import { afterAll, expect, test } from "vitest";
import { makeDesk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);

test("everything is stopped while a file is broken, status says by whom, and only an operator lets it go on", async () => {
  const shop = await makeCompany(desk, "shop");
  await shop.fettle("reconcile");
  await commit(shop, { "fettle.yaml": "operators: [\n" });

  const stopped = await shop.fettle("stop", "--reason", "wrong prices");
  const again = await shop.fettle("stop");
  const status = await shop.fettle("status");
  const asked = await shop.fettle("run", "note");
  const askedAgain = await shop.fettle("run", "note");
  const tick = await shop.fettle("reconcile");

  expect([stopped.code, again.code]).toEqual([0, 0]);
  expect(stopped.stdout).toContain("everything is stopped");
  expect(again.stdout).toContain("wrong prices");
  expect(status.stdout).toContain("STOPPED (1)");
  expect([asked.code, asked.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^shop\/note will not run yet: stopped by .*wrong prices\n {2}fettle start\n$/u,
    ),
  ]);
  expect(askedAgain.stdout).toMatch(
    /^shop\/note was asked for already, by ada@.*\nshop\/note will not/u,
  );
  expect(tick.stdout).toContain("project shop\n    stopped by");
  expect(JSON.parse((await shop.fettle("runs", "--json")).stdout)).toEqual([]);

  await shop.git("config", "user.email", "eve@elsewhere.example");
  const refused = await shop.fettle("start");
  await shop.git("config", "user.email", "ada@northwind.example");
  const started = await shop.fettle("start");

  expect([refused.code, started.code]).toEqual([5, 0]);
  expect(refused.stderr).toContain("eve@elsewhere.example");
  expect((await shop.fettle("status")).stdout).not.toContain("STOPPED");
});

test("a project or a pipeline is stopped by its name, and what is not stopped cannot be started", async () => {
  const shop = await makeCompany(desk, "scopes");
  await shop.fettle("reconcile");

  expect((await shop.fettle("stop", "nap")).stdout).toContain("shop/nap is stopped");
  const unknown = await shop.fettle("stop", "shopp");
  const whole = await shop.fettle("start");

  expect([unknown.code, unknown.stderr]).toEqual([
    64,
    expect.stringContaining("did you mean shop?"),
  ]);
  expect([whole.code, whole.stderr]).toEqual([64, expect.stringContaining("start shop/nap")]);
  expect((await shop.fettle("start", "shop/nap")).code).toBe(0);
});
