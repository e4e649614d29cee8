import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agent, mailCompany, MAIL_STEPS, noteCompany, pipeline } from "../support/company.ts";
import { made, Rehearsal } from "../support/rehearsal.ts";
import { verified } from "../support/forged-state.ts";
import { approve, mailShop, mergeGate, reasons, sent } from "../support/mail-shop.ts";

const ANN = { to: "ann", text: "Hello ann" };
const BOB = { to: "bob", text: "Hello bob" };

async function pathOf(shop: Rehearsal, key: string): Promise<string> {
  const item = (await shop.gate()).items.find((candidate) => candidate.key === key);
  if (item === undefined) throw new Error(`${key} is not shown`);
  return item.path;
}

/** Merges the gate after an edit of a shown file on its branch. */
async function mergeEdited(shop: Rehearsal, key: string, text: string): Promise<void> {
  const { branch } = await shop.gate();
  const path = await pathOf(shop, key);
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.commit({ [path]: text });
  shop.operator.git("switch", "--quiet", "main");
  await mergeGate(shop);
}

const EVE = "eve@example.com";
const NOTE = "projects/shop/note.md";

test("Nothing is sent before the operator has merged, and everything that was shown after it.", async () => {
  const shop = await mailShop();
  await shop.tick();
  expect(sent(shop)).toEqual([]);

  await mergeGate(shop);
  const tick = await shop.tick();

  expect(sent(shop)).toEqual([ANN, BOB]);
  expect(tick.holds).toEqual([]);
  expect(shop.closedRuns()).toMatchObject([
    { result: "succeeded", gates: [{ decision: "approved", by: "ada@northwind.example" }] },
  ]);
  expect(shop.operator.git("branch", "--list", "fettle/gate/*")).toBe("");
});

test("An edit of a shown item is what flows on.", async () => {
  const shop = await mailShop();

  await mergeEdited(shop, "ann", "key: ann\noutputs:\n  text: Dear Ann\n");
  await shop.tick();

  expect(sent(shop)).toEqual([{ to: "ann", text: "Dear Ann" }, BOB]);
  const [run] = shop.closedRuns();
  expect(run?.gates[0]?.items.map(({ decision }) => decision)).toEqual(["edited", "approved"]);
});

test("The key and the input of an item come from the record, whatever the file says.", async () => {
  const shop = await mailShop();

  await mergeEdited(shop, "ann", "key: eve\ninput: { name: eve }\noutputs:\n  text: Dear Ann\n");
  await shop.tick();

  expect(sent(shop)).toEqual([{ to: "ann", text: "Dear Ann" }, BOB]);
});

test("A deleted item is refused, and no run asks for the same content again, unless a person wants it.", async () => {
  const triggers = { changes: ["people.csv"] };
  const files = { ...mailCompany(), ...pipeline("shop/mail", MAIL_STEPS, { triggers }) };
  const shop = await mailShop({ files });
  const path = await pathOf(shop, "ann");
  await mergeGate(shop);
  rmSync(join(shop.operator.path, path));
  shop.operator.commit({}, "Leave Ann out");
  await shop.tick();
  expect(sent(shop)).toEqual([BOB]);

  shop.pass("8d");
  shop.operator.commit({ "projects/shop/people.csv": "ann,bob" }, "Somebody is new");
  await shop.tick();
  const byItself = (await shop.gate()).items.map(({ key }) => key);
  await mergeGate(shop);
  await shop.tick();
  await shop.request("shop/mail");
  await shop.tick();

  expect(byItself).toEqual(["bob"]);
  expect((await shop.gate()).items.map(({ key }) => key)).toEqual(["ann", "bob"]);
});

test("What is approved after all, though it was refused before, is shown again like anything else.", async () => {
  const triggers = { changes: ["people.csv"] };
  const files = { ...mailCompany(), ...pipeline("shop/mail", MAIL_STEPS, { triggers }) };
  const shop = await mailShop({ files });
  const path = await pathOf(shop, "ann");
  await mergeGate(shop);
  rmSync(join(shop.operator.path, path));
  shop.operator.commit({}, "Leave Ann out");
  await shop.tick();
  await shop.request("shop/mail");
  await shop.tick();
  await mergeGate(shop);
  await shop.tick();

  shop.pass("8d");
  shop.operator.commit({ "projects/shop/people.csv": "ann,bob" }, "Somebody is new");
  await shop.tick();

  expect((await shop.gate()).items.map(({ key }) => key)).toEqual(["ann", "bob"]);
  expect((await verified(shop.operator.path)).findings).toEqual([]);
});

test("An edit that the agent's schema refuses stops everything until main is mended.", async () => {
  const shop = await mailShop();
  const path = await pathOf(shop, "ann");
  await mergeEdited(shop, "ann", "key: ann\noutputs:\n  text: 7\n");

  const broken = await shop.tick();
  const again = await shop.tick();

  expect(reasons(broken)).toEqual(["needs-fix"]);
  expect(broken.holds[0]?.why).toContain(path);
  expect(again.booked).toBe(0);
  expect(sent(shop)).toEqual([]);
  shop.operator.commit({ [path]: "outputs: { text: Dear Ann }\n" });
  await shop.tick();
  expect(sent(shop)).toEqual([{ to: "ann", text: "Dear Ann" }, BOB]);
});

test("A merge by somebody who is not an operator approves nothing, and the operator still can.", async () => {
  const shop = await mailShop();
  const { branch, folder } = await shop.gate();
  shop.gitAs("eve@example.com", "merge", "--quiet", "--no-edit", branch);

  const tick = await shop.tick();

  expect(reasons(tick)).toEqual(["approval-unproven"]);
  expect(tick.holds[0]?.why).toContain("eve@example.com");
  expect(sent(shop)).toEqual([]);
  expect(await approve(shop)).toMatchObject({ ok: false });
  const record = `${folder}/decision.md`;
  shop.operator.commit({ [record]: `${shop.text(record)}\nI have read it.\n` });
  expect(await approve(shop)).toMatchObject({ ok: true });
  await shop.tick();
  expect(sent(shop)).toEqual([ANN, BOB]);
});

test("Decision: rejected in the record rejects everything that was shown.", async () => {
  const shop = await mailShop();
  const { branch, folder } = await shop.gate();
  shop.operator.git("switch", "--quiet", branch);
  const record = shop.text(`${folder}/decision.md`, branch) ?? "";
  const refused = record.replace("decision: approved", "decision: rejected");
  shop.operator.commit({ [`${folder}/decision.md`]: refused });
  shop.operator.git("switch", "--quiet", "main");

  await mergeGate(shop);
  await shop.tick();

  expect(sent(shop)).toEqual([]);
  expect(shop.closedRuns()).toMatchObject([{ result: "rejected" }]);
});

test("A merge that is reverted before the next tick is withdrawn: nothing is sent, nothing is refused, another run asks again.", async () => {
  const shop = await mailShop();
  const { id, branch } = await shop.gate();
  await mergeGate(shop);
  shop.operator.git("branch", "--quiet", "--delete", branch);
  shop.operator.git("revert", "--no-edit", "--mainline", "1", "HEAD");

  await shop.tick();

  expect(sent(shop)).toEqual([]);
  expect(shop.closedRuns()).toMatchObject([
    {
      result: "rejected",
      gates: [{ decision: "withdrawn", via: "taken-back", by: "ada@northwind.example" }],
    },
  ]);
  await shop.request("shop/mail");
  await shop.tick();
  expect((await shop.gate()).items.map(({ key }) => key)).toEqual(["ann", "bob"]);
  expect((await shop.gate()).id).not.toBe(id);
  expect(await shop.verify()).toMatchObject({ findings: [] });
});

test("A merge that a stranger reverts is neither an approval nor a rejection.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  shop.gitAs("eve@elsewhere.example", "revert", "--no-edit", "--mainline", "1", "HEAD");

  expect(reasons(await shop.tick())).toEqual(["approval-unproven"]);
  expect(sent(shop)).toEqual([]);
});

test("The record of another proposal approves nothing.", async () => {
  const shop = await mailShop();
  const { branch, folder } = await shop.gate();
  const record = shop.text(`${folder}/decision.md`, branch) ?? "";
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.commit({
    [`${folder}/decision.md`]: record.replace(/planDigest: .*/, 'planDigest: "sha256:0"'),
  });
  shop.operator.git("switch", "--quiet", "main");
  await mergeGate(shop);

  expect(reasons(await shop.tick())).toEqual(["stale-approval"]);
  expect(sent(shop)).toEqual([]);

  shop.operator.commit({ [`${folder}/decision.md`]: record });
  await shop.tick();
  expect(sent(shop)).toEqual([ANN, BOB]);
});

test("Who asks for changes on the branch is told what now.", async () => {
  const shop = await mailShop();
  const { branch, folder } = await shop.gate();
  const record = shop.text(`${folder}/decision.md`, branch) ?? "";
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.commit({
    [`${folder}/decision.md`]: record.replace(
      "decision: approved",
      "decision: changes\nnote: shorter",
    ),
  });
  shop.operator.git("switch", "--quiet", "main");

  const tick = await shop.tick();

  expect(tick.holds).toMatchObject([
    { reason: "changes-requested", why: expect.stringContaining("shorter") },
  ]);
});

test("A gate settles once: an edit of the record afterwards changes nothing.", async () => {
  const shop = await mailShop();
  const { folder } = await shop.gate();
  const path = await pathOf(shop, "ann");
  await mergeGate(shop);
  await shop.tick();

  shop.operator.commit({
    [path]: "outputs: { text: Something else }\n",
    [`${folder}/decision.md`]: "---\ndecision: rejected\n---\n",
  });
  const tick = await shop.tick();

  expect(tick.holds).toEqual([]);
  expect(sent(shop)).toEqual([ANN, BOB]);
  expect(shop.closedRuns()).toHaveLength(1);
});

test("A squash merge by the operator approves, too.", async () => {
  const shop = await mailShop();
  const { branch } = await shop.gate();
  shop.operator.git("merge", "--quiet", "--squash", branch);
  shop.operator.commit({}, "Send the mails");

  await shop.tick();

  expect(sent(shop)).toEqual([ANN, BOB]);
});

/** A note waits at a gate, and is read once it is approved. */
async function notedShop(): Promise<Rehearsal> {
  const steps = [
    { id: "write", agent: "scribe" },
    { id: "review", gate: "Keep it", ask: "always", show: { draft: "${{ steps.write.outputs }}" } },
    { id: "read", agent: "reader", needs: ["review"] },
  ];
  const files = {
    ...noteCompany(),
    ...agent("reader", { reads: ["${{ project.dir }}/**"] }),
    ...pipeline("shop/note", steps),
  };
  const plays = { scribe: () => made(NOTE, "draft\n"), reader: () => ({}) };
  const shop = new Rehearsal({ files, plays });
  await shop.request("shop/note");
  await shop.tick();
  expect(shop.text(NOTE)).toBeUndefined();
  return shop;
}

test("A proposed file that is edited on its branch is what later steps see and main keeps.", async () => {
  const shop = await notedShop();
  const { branch } = await shop.gate();
  shop.operator.git("switch", "--quiet", branch);
  shop.operator.commit({ [NOTE]: "better\n" });
  shop.operator.git("switch", "--quiet", "main");

  await mergeGate(shop);
  await shop.tick();

  const seen = shop.calls.at(-1)?.files.find(({ path }) => path === NOTE);
  expect(new TextDecoder().decode(seen?.content)).toBe("better\n");
  expect(shop.text(NOTE)).toBe("better");
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test.each(["on main after the merge", "on its branch before it"])(
  "A stranger's edit of a proposed file %s is not what the operator approved.",
  async (where) => {
    const shop = await notedShop();
    const { branch } = await shop.gate();
    const isBefore = where.startsWith("on its branch");
    if (!isBefore) await mergeGate(shop);
    if (isBefore) shop.operator.git("switch", "--quiet", branch);
    shop.operator.commit({ [NOTE]: "hers\n" });
    shop.gitAs(EVE, "commit", "--quiet", "--amend", "--no-edit");
    if (isBefore) shop.operator.git("switch", "--quiet", "main");
    if (isBefore) await mergeGate(shop);

    const held = await shop.tick();
    const before = shop.called;
    shop.operator.commit({ [NOTE]: "mine\n" });
    await shop.tick();

    expect([reasons(held), before]).toEqual([["approval-unproven"], ["scribe"]]);
    expect(held.holds[0]?.why).toContain(EVE);
    const seen = shop.calls.at(-1)?.files.find(({ path }) => path === NOTE);
    expect(new TextDecoder().decode(seen?.content)).toBe("mine\n");
  },
);
