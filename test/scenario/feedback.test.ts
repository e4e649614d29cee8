import { expect, test } from "vitest";
import { approve, mailShop, sent } from "../support/mail-shop.ts";

test("What was rejected with words is made anew with them, shown again, and nothing else is done twice.", async () => {
  const shop = await mailShop();
  const first = await shop.gate();
  await shop.reject(first.id, "name the invoice");
  await shop.tick();
  shop.plays["writer"] = ({ inputs, feedback = "" }) => ({
    outputs: { text: `Hello ${String(inputs["name"])} (${feedback})` },
  });

  await shop.retry("mail");
  await shop.tick();
  const writers = shop.calls.filter(({ agent }) => agent.name === "writer");
  expect(writers.map(({ feedback }) => feedback)).toEqual([
    undefined,
    undefined,
    "name the invoice",
    "name the invoice",
  ]);
  expect(shop.called.filter((name) => name === "finder")).toHaveLength(1);

  await approve(shop);
  await shop.tick();

  expect(sent(shop)).toEqual([
    { to: "ann", text: "Hello ann (name the invoice)" },
    { to: "bob", text: "Hello bob (name the invoice)" },
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});
