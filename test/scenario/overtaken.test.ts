import { renameSync } from "node:fs";
import { expect, test } from "vitest";
import { mailCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { mailShop, PLAYS, sent } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

/** The company's first clone and its origin. */
function published(files = mailCompany()): { operator: TestRepository; origin: TestRepository } {
  const operator = makeRepository();
  operator.commit(files, "Start the company");
  return { operator, origin: addOrigin(operator) };
}

/** Another clone of the company, with the same agents. */
function colleague(origin: TestRepository, plays = PLAYS): Rehearsal {
  return new Rehearsal({ files: {}, operator: cloneOf(origin), plays });
}

/** Merges the open gate in this clone and pushes. */
function approveHere({ operator }: Rehearsal, branch: string): void {
  operator.git("fetch", "--quiet", "origin");
  operator.git("merge", "--quiet", "--no-edit", `origin/${branch}`);
  operator.git("push", "--quiet", "origin", "main");
}

function isOvertaken({ told }: Rehearsal): boolean {
  return told.some(({ kind }) => kind === "result-overtaken");
}

test("An intent that never reached the origin raises no doubt, though the origin is away when the next tick begins.", async () => {
  const { operator, origin } = published(mailCompany("none"));
  const shop = await mailShop({ operator, files: {} });
  approveHere(shop, (await shop.gate()).branch);
  operator.git("config", "remote.origin.pushurl", "/nonexistent");
  await shop.tick();
  operator.git("config", "--unset", "remote.origin.pushurl");
  renameSync(origin.path, `${origin.path}.away`);

  await shop.tick();

  const { observed } = await shop.look();
  expect(observed.summaries.projects.get("shop")?.uncertain).toBeUndefined();
  renameSync(`${origin.path}.away`, origin.path);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("What is at work when another runner has replaced what it was made from is not kept.", async () => {
  const { operator, origin } = published();
  const shop = new Rehearsal({ files: {}, operator });
  const second = colleague(origin, {
    ...PLAYS,
    finder: () => ({ outputs: { people: [{ name: "eve" }] } }),
  });
  shop.heartbeatMs = 50;
  shop.plays["finder"] = async () => {
    second.pass("5m");
    await second.tick();
    return { outputs: { people: [{ name: "ann" }] } };
  };
  shop.plays["writer"] = async () => {
    for (let tries = 0; !isOvertaken(shop) && tries < 500; tries += 1) {
      shop.pass("1s");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { outputs: { text: "Hello ann" } };
  };
  await shop.request("shop/mail");

  await shop.tick();

  const { observed } = await shop.look();
  const items = [...observed.runs.values()].flatMap(({ attempts }) =>
    attempts.filter(({ step }) => step === "draft").map(({ item }) => item),
  );
  expect(items).toContain("eve");
  expect(items).not.toContain("ann");
});
