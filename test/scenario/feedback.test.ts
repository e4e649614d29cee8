import { expect, test } from "vitest";
import { approve, mailShop, sent } from "../support/mail-shop.ts";
import { ADA } from "../support/rehearsal.ts";

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

test("What an operator wants changed is made anew by itself with the words, and only what the new gate shows may be approved.", async () => {
  const shop = await mailShop();
  const first = await shop.gate();
  await shop.reject(first.id, "name the invoice", { retry: true });
  shop.plays["writer"] = ({ inputs, feedback = "" }) => ({
    outputs: { text: `Hello ${String(inputs["name"])} (${feedback})` },
  });

  await shop.tick();

  const second = await shop.gate();
  expect(second).toMatchObject({ follows: { step: "review", gate: first.id, time: 1 } });
  expect(shop.closedRuns()).toMatchObject([
    { result: "rejected", gates: [{ decision: "changes-requested", by: ADA, items: [] }] },
  ]);
  expect(shop.called.filter((name) => name === "finder")).toHaveLength(1);
  expect(shop.text(`${second.folder}/decision.md`, second.branch)).toContain(
    `after changes were asked for at \`${first.id}\`: name the invoice`,
  );
  expect(shop.operator.git("branch", "--list", first.branch)).toBe("");

  // Whoever still merges the old one approves nothing.
  shop.operator.git("merge", "--quiet", "--no-edit", first.head);
  await shop.tick();
  expect(sent(shop)).toEqual([]);
  expect((await shop.gate()).id).toBe(second.id);

  await approve(shop);
  await shop.tick();
  expect(sent(shop)).toEqual([
    { to: "ann", text: "Hello ann (name the invoice)" },
    { to: "bob", text: "Hello bob (name the invoice)" },
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});
