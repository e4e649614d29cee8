/** What git can read no more is not taken for something that never was. */
import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { payloadRef } from "#runner/core/ref-names.ts";
import { payloadPath } from "#runner/core/state-path.ts";
import type { TestRepository } from "../../support/git-repo.ts";
import { mailShop, mergeGate, reasons, sent } from "../../support/mail-shop.ts";

/** Every object becomes a file of its own, so that one of them can go. */
function unpack({ path }: TestRepository): void {
  const folder = join(path, ".git/objects/pack");
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const aside = join(path, ".git", name);
    renameSync(file, aside);
    if (!name.endsWith(".pack")) continue;
    execFileSync("git", ["unpack-objects", "-q"], { cwd: path, input: readFileSync(aside) });
  }
}

function lose(operator: TestRepository, name: string): void {
  const oid = operator.git("rev-parse", name);
  rmSync(join(operator.path, ".git/objects", oid.slice(0, 2), oid.slice(2)), { force: true });
}

test("A record of an effect that cannot be read stops the tick: the effect is not done again.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
  const { operator } = shop;
  unpack(operator);
  const listed = operator.git("ls-tree", "-r", "--name-only", "fettle/state", "once/");
  for (const path of listed.split("\n")) lose(operator, `fettle/state:${path}`);

  await shop.request("shop/mail");
  await shop.tick();
  await mergeGate(shop);
  const ended = shop.tick();

  await expect(ended).rejects.toMatchObject({ code: "DAMAGED" });
  expect(sent(shop)).toHaveLength(2);
});

test("A payload that is gone without a tombstone is broken in verify, and the run that needs it holds and says so.", async () => {
  const shop = await mailShop();
  const { operator } = shop;
  const { observed } = await shop.look();
  const attempts = [...observed.runs.values()].flatMap((run) => run.attempts);
  unpack(operator);
  for (const { outputs } of attempts.filter(({ step }) => step === "draft")) {
    if (outputs !== null && outputs !== undefined)
      lose(operator, `${payloadRef(outputs.month)}:${payloadPath(outputs.digest)}`);
  }
  await mergeGate(shop);

  const tick = await shop.tick();

  expect(reasons(tick)).toContain("payload-missing");
  expect(sent(shop)).toEqual([]);
  expect((await shop.verify()).findings).toContainEqual(
    expect.objectContaining({ rule: "payload", message: expect.stringContaining("no tombstone") }),
  );
});
