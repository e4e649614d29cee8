import { expect, test } from "vitest";
import { compact, filesOf, oldShop, sendAgain, STATE } from "../support/compacted-shop.ts";
import { rewriteFrom } from "../support/rewrite-branch.ts";

test.each<[string, RegExp, (text: string) => string]>([
  ["a receipt is dropped", /^once\/.*jsonl$/, () => ""],
  ["a receipt is changed", /^once\/.*jsonl$/, (text) => text.replace('"ordinal":2', '"ordinal":3')],
  ["a run is changed", /^ledger\//, (text) => text.replace('"succeeded"', '"failed"')],
  ["a run is dropped", /^ledger\//, (text) => text.split("\n").slice(1).join("\n")],
  [
    "an event is dropped",
    /^ledger\//,
    (text) => text.replace(/"events":"[0-9a-f]+"/, '"events":null'),
  ],
])("Verification finds that %s while it is compacted.", async (_, path, edit) => {
  const shop = await oldShop();
  await compact(shop);
  const [file = ""] = filesOf(shop).filter((name) => path.test(name));
  const text = edit(`${shop.text(file, STATE) ?? ""}\n`);

  rewriteFrom(shop.operator, { branch: STATE, at: STATE }, () => ({ [file]: text }));

  const { findings, verdict } = await shop.verify();
  expect(verdict).toBe("broken");
  expect(findings).toMatchObject([{ rule: "compaction", where: expect.stringContaining(file) }]);
});

test("Verification finds what a compaction takes along besides, and what it leaves out.", async () => {
  const shop = await oldShop();
  const [kept = ""] = filesOf(shop, "runs/");
  const text = shop.text(kept, STATE) ?? "";
  await compact(shop);

  rewriteFrom(shop.operator, { branch: STATE, at: STATE }, () => ({
    [kept]: `${text}\n`,
    "requests/forged.json": "{}\n",
  }));

  const rules = (await shop.verify()).findings.map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(["compaction", "unnamed-change"]));
});

test("A line that is changed after it was compacted is found.", async () => {
  const shop = await oldShop();
  await compact(shop);
  const compaction = shop.operator.git("rev-parse", STATE);
  await sendAgain(shop);
  const [, next = ""] = shop.operator
    .git("rev-list", "--reverse", `${compaction}~1..${STATE}`)
    .split("\n");
  const [file = ""] = filesOf(shop, "once/").filter((name) => name.endsWith(".jsonl"));

  rewriteFrom(shop.operator, { branch: STATE, at: next }, () => ({ [file]: "" }));

  const rules = (await shop.verify()).findings.map(({ rule }) => rule);
  expect(rules).toContain("unnamed-change");
});
