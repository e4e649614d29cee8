/** What an origin lacks that this clone has seen, whichever of its refs remembers it. */
import { expect, test } from "vitest";
import { seenRef, STATE } from "#runner/core/ref-names.ts";
import { mailCompany } from "../../support/company.ts";
import { addOrigin, makeRepository, type TestRepository } from "../../support/git-repo.ts";
import { mailShop, mergeGate } from "../../support/mail-shop.ts";
import type { Rehearsal } from "../../support/rehearsal.ts";

async function published(): Promise<{ shop: Rehearsal; origin: TestRepository }> {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  const origin = addOrigin(operator);
  return { shop: await mailShop({ operator, files: {} }), origin };
}

test("A state that was published and never remembered counts as seen, for the branch holds it.", async () => {
  const { shop, origin } = await published();
  const { operator } = shop;
  const before = operator.git("rev-parse", seenRef(STATE));
  await shop.request("shop/mail");
  const newest = operator.git("rev-parse", STATE);
  operator.git("update-ref", seenRef(STATE), before);
  origin.git("update-ref", STATE, before);

  const tick = await shop.tick();

  expect(tick.end.kind).toBe("conflict");
  expect(operator.git("rev-parse", STATE)).toBe(newest);
  expect(origin.git("rev-parse", STATE)).toBe(before);
});

test("A payload branch that was set back at the origin stops the tick, and nothing is written.", async () => {
  const { shop, origin } = await published();
  await mergeGate(shop);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  const payload = "refs/heads/fettle/payload/2026-03";
  const older = origin.git("rev-parse", `${payload}~1`);
  const state = origin.git("rev-parse", STATE);
  origin.git("update-ref", payload, older);

  const tick = await shop.tick();

  expect(tick.end.kind).toBe("conflict");
  expect(origin.git("rev-parse", payload, STATE)).toBe(`${older}\n${state}`);
});
