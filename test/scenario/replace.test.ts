import { expect, test } from "vitest";
import type { FileTexts } from "../support/git-repo.ts";
import { MAIL_STEPS, mailCompany, pipeline } from "../support/company.ts";
import { approve, mailShop, mergeGate, reasons, sent } from "../support/mail-shop.ts";

/** The run goes on for a day after its mails. */
function replacing(): FileTexts {
  const steps = [...MAIL_STEPS, { id: "pause", wait: { for: "1d" }, needs: ["send"] }];
  return {
    ...mailCompany(),
    ...pipeline("shop/mail", steps, { concurrency: { policy: "replace" } }),
  };
}

test("A newer run closes the gate of the one that it replaces, and asks anew.", async () => {
  const shop = await mailShop({ files: replacing() });
  const before = await shop.gate();
  await shop.request("shop/mail");

  await shop.tick();

  const after = await shop.gate();
  expect(after.run).not.toBe(before.run);
  expect(shop.operator.git("branch", "--list", before.branch)).toBe("");
  expect(shop.closedRuns()).toMatchObject([
    {
      run: { id: before.run },
      result: "cancelled",
      reason: `replaced by ${after.run}`,
      gates: [{ decision: "superseded", reason: expect.stringContaining(after.run) }],
    },
  ]);
  await approve(shop);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("A run that has sent its mails goes on to its end, and the newer one waits for it.", async () => {
  const shop = await mailShop({ files: replacing() });
  await mergeGate(shop);
  await shop.tick();
  await shop.request("shop/mail");

  const tick = await shop.tick();
  expect(reasons(tick)).toEqual(["waiting", "concurrency"]);
  expect(tick.holds[1]?.why).toMatch(/step send has begun to act on the outside world$/);

  shop.pass("1d");
  await shop.tick();
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
  expect(sent(shop)).toHaveLength(2);
});

test("What a person has approved is carried out, though a newer run was asked for meanwhile.", async () => {
  const shop = await mailShop({ files: replacing() });
  await mergeGate(shop);
  await shop.request("shop/mail");

  await shop.tick();

  expect(sent(shop)).toHaveLength(2);
});
