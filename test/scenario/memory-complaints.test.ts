/** What people complain of in other memories of agents, where it takes real repositories to see it. */
import { expect, test } from "vitest";
import { agent, noteCompany, pipeline } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

const FILES = {
  ...noteCompany(),
  ...agent("ada", { memory: { writes: ["fact"] } }),
  ...agent("bo", { memory: { writes: ["fact"] } }),
  ...agent("user", { memory: { recall: "tone of letters" } }),
  ...pipeline("shop/ada", [{ id: "learn", agent: "ada" }]),
  ...pipeline("shop/bo", [{ id: "learn", agent: "bo" }]),
  ...pipeline("shop/use", [{ id: "use", agent: "user" }]),
};

function remembering(texts: readonly string[]): Play {
  return () => ({ memory: texts.map((text) => ({ kind: "fact", subject: "letters", text })) });
}

function saying(of: string): Play {
  return remembering(["ink", "seal", "stamp"].map((thing) => `The ${thing} of ${of} is blue.`));
}

test("Writers in two clones overwrite each other, or a push conflicts: here everything that both remember arrives, and nobody resolves anything.", async () => {
  const operator = makeRepository();
  const plays = { ada: saying("Ada"), bo: saying("Bo") };
  const one = new Rehearsal({ files: FILES, plays, operator });
  const origin = addOrigin(operator);
  const two = new Rehearsal({ files: {}, plays, operator: cloneOf(origin) });
  await one.tick();
  await one.request("shop/ada");
  await two.request("shop/bo");

  await Promise.all([one.tick(), two.tick()]);
  await one.tick();
  await two.tick();

  const listed = origin.git("ls-tree", "-r", "--name-only", "main", "memory/").split("\n");
  expect(listed).toHaveLength(6);
  expect((await two.verify()).findings).toEqual([]);
});

test("Counting what is used rewrites the store: here nothing of memory changes by being recalled.", async () => {
  const plays = { user: () => ({}), ada: remembering(["The tone of letters is formal."]) };
  const shop = new Rehearsal({ files: FILES, plays });
  await shop.request("shop/ada");
  await shop.tick();
  const before = shop.operator.git("rev-parse", "main:memory");

  for (let times = 0; times < 3; times += 1) {
    await shop.request("shop/use");
    await shop.tick();
  }

  expect(shop.calls.at(-1)?.memory).toHaveLength(1);
  expect(shop.operator.git("rev-parse", "main:memory")).toBe(before);
});
