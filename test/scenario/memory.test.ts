import { expect, test } from "vitest";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { agent, noteCompany, pipeline } from "../support/company.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

const TONE = {
  kind: "fact",
  subject: "client/acme",
  text: "Acme prefers a formal tone in letters.",
};

/** `shop/learn` remembers what it is told to; `shop/use` recalls what is known of Acme's tone. */
function school(learner: Play): Rehearsal {
  const files = {
    ...noteCompany(),
    ...agent("learner", { memory: { writes: ["fact"] } }),
    ...agent("user", { memory: { recall: "formal tone letters", subject: "client/acme" } }),
    ...pipeline("shop/learn", [{ id: "learn", agent: "learner" }]),
    ...pipeline("shop/use", [{ id: "use", agent: "user" }]),
  };
  return new Rehearsal({ files, plays: { learner, user: () => ({}) } });
}

function byHand(text: string): string {
  return `---\nkind: fact\nsubject: client/acme\n---\n\n${text}\n`;
}

async function done(shop: Rehearsal, name: string): Promise<AttemptRecord | undefined> {
  await shop.request(`shop/${name}`);
  await shop.tick();
  return shop.closedRuns().at(-1)?.attempts[0];
}

function recalled({ calls }: Rehearsal): readonly string[] {
  return calls.at(-1)?.memory.map(({ text }) => text.trim()) ?? [];
}

function records({ operator }: Rehearsal): string {
  return operator.git("ls-tree", "-r", "--name-only", "main", "memory/");
}

test("What one run remembers is delivered, and the next run recalls and cites it.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  const learned = await done(shop, "learn");
  const [id = ""] = learned?.memory.admitted ?? [];
  expect(records(shop)).toMatch(/^memory\/shop\/fact\/2026-03\/.+\.md$/);

  const used = await done(shop, "use");

  expect(recalled(shop)).toEqual([TONE.text]);
  expect(used?.memory.recalled).toMatchObject([{ id }]);
});

test("What is remembered is recalled before it is delivered, too.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  await shop.request("shop/learn");
  shop.operator.write({ "memory/shop/fact/2026-03": "a file where the folder should be\n" });
  await shop.tick();
  expect(records(shop)).toBe("");

  await done(shop, "use");

  expect(recalled(shop)).toEqual([TONE.text]);
});

test("The same thing is not remembered twice.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  await done(shop, "learn");

  const again = await done(shop, "learn");

  expect(again?.memory.admitted).toEqual([]);
  expect(again?.memory.refused).toHaveLength(1);
  expect(records(shop).split("\n")).toHaveLength(1);
});

test("Two items of one step that remember the same thing at once leave it once.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  const items = { forEach: '${{ ["one", "two"] }}', itemKey: "${{ item }}" };
  shop.operator.commit(pipeline("shop/learn", [{ id: "learn", agent: "learner", ...items }]));

  await done(shop, "learn");

  const admitted = shop.closedRuns()[0]?.attempts.map(({ memory }) => memory.admitted.length);
  expect(admitted?.toSorted()).toEqual([0, 1]);
  expect(records(shop).split("\n")).toHaveLength(1);
});

test("A secret is never remembered, and the record says that something was refused.", async () => {
  const key = `sk-ant-api03-${"a1B2c3D4e5".repeat(9)}AA`;
  const shop = school(() => ({ memory: [{ ...TONE, text: `The key is ${key}` }] }));

  const learned = await done(shop, "learn");

  expect(learned?.memory).toMatchObject({ admitted: [], refused: [{}] });
  expect(records(shop)).toBe("");
  const objects = shop.operator.git("cat-file", "--batch-all-objects", "--batch", "--unordered");
  expect(objects).not.toContain(key);
});

test("A record that a person writes by hand is recalled, and an edit of it is the newer truth.", async () => {
  const shop = school(() => ({}));
  const path = "memory/shop/fact/2026-03/acme.md";
  shop.operator.commit({ [path]: byHand("A formal tone in letters.") });
  await done(shop, "use");
  expect(recalled(shop)).toEqual(["A formal tone in letters."]);

  shop.operator.commit({ [path]: byHand("No formal tone in letters.") });
  await done(shop, "use");

  expect(recalled(shop)).toEqual(["No formal tone in letters."]);
});

test("A kind of record that the agent may not write is refused.", async () => {
  const shop = school(() => ({ memory: [{ ...TONE, kind: "decision" }] }));

  const learned = await done(shop, "learn");

  expect(learned?.memory).toMatchObject({ admitted: [], refused: [{}] });
});
