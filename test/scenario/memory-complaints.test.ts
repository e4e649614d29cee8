/** What people complain of in other memories of agents, where it takes real repositories to see it. */
import { expect, test } from "vitest";
import { agent, noteCompany, pipeline, settings } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";
import { serveVectors } from "../support/vector-server.ts";

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

test("To remember costs a request to a model for each record, and minutes: here twenty records are remembered and told without asking anybody.", async () => {
  const model = await serveVectors();
  const plays = {
    ada: remembering(Array.from({ length: 20 }, (_, at) => `The tone of letter ${at} is blue.`)),
    user: () => ({}),
  };
  const price = { input: 1, output: 1 };
  const place = { provider: "openai-compatible", baseUrl: `${model.url}/v1`, model: "m", price };
  const files = { ...FILES, ...settings({ models: { default: place } }) };
  const shop = new Rehearsal({ files, plays });
  await shop.request("shop/ada");
  await shop.tick();
  await shop.request("shop/use");
  await shop.tick();

  const attempts = shop.closedRuns().flatMap((run) => run.attempts);
  expect(attempts[0]?.memory.admitted).toHaveLength(20);
  expect(attempts[1]?.memory.recalled.length).toBeGreaterThan(0);
  expect(attempts.map(({ costMicros }) => costMicros)).toEqual([0, 0]);
  expect(model.asked).toEqual([]);
});
