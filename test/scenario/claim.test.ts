import { expect, test } from "vitest";
import { noteCompany, pipeline } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { reasons } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

test("A runner renews its claim while results come one after another and nothing new starts.", async () => {
  const letters = [
    {
      id: "write",
      agent: "scribe",
      forEach: "${{ ['0', '1', '2', '3'] }}",
      itemKey: "${{ item }}",
      with: { turn: "${{ item }}" },
    },
  ];
  const operator = makeRepository();
  operator.commit({ ...noteCompany(), ...pipeline("shop/note", letters) }, "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator });
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  const seen: string[] = [];
  let turn = 0;
  shop.plays["scribe"] = async ({ inputs }) => {
    while (turn < Number(inputs["turn"])) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const one of [shop, second]) one.pass("40s");
    if (turn === 3) seen.push(...reasons(await second.tick()));
    setTimeout(() => (turn += 1), 500);
    return {};
  };
  await shop.request("shop/note");

  await shop.tick();

  expect(shop.calls).toHaveLength(4);
  expect(seen).toEqual(["lease-held"]);
  expect(second.calls).toEqual([]);
});
