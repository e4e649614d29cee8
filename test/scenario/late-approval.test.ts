import { expect, test } from "vitest";
import type { LateApproval } from "#runner/core/gate/late-approval.ts";
import { lateApprovals } from "#runner/loop/late-approvals.ts";
import { look, viewOf } from "#runner/loop/look.ts";
import { MAIL_STEPS, mailCompany, pipeline } from "../support/company.ts";
import { mailShop, mergeGate, sent } from "../support/mail-shop.ts";
import type { Rehearsal } from "../support/rehearsal.ts";

function replacing(): ReturnType<typeof mailCompany> {
  const concurrency = { policy: "replace" };
  return { ...mailCompany(), ...pipeline("shop/mail", MAIL_STEPS, { concurrency }) };
}

function told(shop: Rehearsal): Promise<readonly LateApproval[]> {
  return shop.read(async (engine) => {
    const view = viewOf(await look(engine));
    return lateApprovals({ ...view, files: engine.store });
  });
}

test("An approval that comes after a newer run has taken the place is told, until that one is decided.", async () => {
  const shop = await mailShop({ files: replacing() });
  const before = await shop.gate();
  await shop.request("shop/mail");
  await shop.tick();
  shop.operator.git("merge", "--quiet", "--no-edit", before.head);

  await shop.tick();
  const late = await told(shop);

  const next = await shop.gate();
  expect(sent(shop)).toEqual([]);
  expect(late).toMatchObject([{ gate: before.id, run: before.run, title: before.title }]);
  expect(late[0]?.why).toContain(`the gate was superseded (${next.run} takes the place of its run`);
  expect(late[0]?.unblock).toContain(next.id);
  await mergeGate(shop);
  await shop.tick();
  expect(await told(shop)).toEqual([]);
});

test("An approval after a rejection is told; one that counted, and a rejection, are not.", async () => {
  const shop = await mailShop();
  const first = await shop.gate();
  await shop.reject(first.id, "not today");
  await shop.tick();
  expect(await told(shop)).toEqual([]);

  shop.operator.git("merge", "--quiet", "--no-edit", first.head);
  await shop.tick();
  const late = await told(shop);
  await shop.request("shop/mail");
  await shop.tick();
  await mergeGate(shop);
  await shop.tick();

  expect(late.map(({ why }) => why)).toEqual([expect.stringContaining("not today")]);
  expect(sent(shop)).toHaveLength(2);
  expect(await told(shop)).toEqual([]);
});
