import { expect, test } from "vitest";
import type { FileTexts } from "../support/git-repo.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { reasons } from "../support/mail-shop.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

const TELL = {
  id: "tell",
  agent: "mailer",
  with: { text: "${{ failure.step + ': ' + failure.reason }}" },
  once: { key: "failed/${{ run.id }}" },
  compensate: { none: "a sent mail cannot be recalled" },
};

function failingCompany(onFailure: Parameters<typeof pipeline>[1] = [TELL]): FileTexts {
  return {
    ...settings(),
    ...project("shop"),
    ...agent("finder"),
    ...agent("mailer", { effects: "external", idempotency: "native" }),
    ...pipeline("shop/find", [{ id: "find", agent: "finder" }], { onFailure }),
  };
}

const finder: Play = () => ({ outcome: "auth", reason: "no key", outputs: null });

async function failed(mailer: Play, files = failingCompany()): Promise<Rehearsal> {
  const shop = new Rehearsal({ files, plays: { finder, mailer } });
  await shop.request("shop/find");
  await shop.tick();
  return shop;
}

test("When a run has failed, its onFailure steps tell so, and it ends failed.", async () => {
  const shop = await failed(() => ({ receipt: { id: "m1" } }));

  expect(shop.calls.map(({ agent: { name }, inputs }) => [name, inputs])).toEqual([
    ["finder", {}],
    ["mailer", { text: "find: auth: no key" }],
  ]);
  expect(shop.closedRuns()).toMatchObject([
    {
      result: "failed",
      reason: "find: auth: no key",
      attempts: [{ step: "find" }, { step: "tell", outcome: "succeeded" }],
    },
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("An effect of an onFailure step is known to have happened, or shown as uncertain, like any other.", async () => {
  const doubtful = { ...TELL, agent: "postman" };
  const postman = agent("postman", { effects: "external", idempotency: "none" });
  const files = { ...failingCompany([doubtful]), ...postman };
  const shop = new Rehearsal({
    files,
    plays: {
      finder,
      postman: () => ({ outcome: "uncertain", reason: "the line went dead", outputs: null }),
    },
  });
  await shop.request("shop/find");

  await shop.tick();

  const { observed } = await shop.look();
  expect(observed.summaries.projects.get("shop")?.uncertain).toMatchObject([{ step: "tell" }]);
  expect(shop.closedRuns()).toMatchObject([
    { result: "failed", reason: expect.stringContaining("; onFailure tell: uncertain: ") },
  ]);
});

test("A failed run that waits in onFailure is not over, and its next one waits.", async () => {
  const pause = { id: "pause", wait: { for: "1h" }, needs: ["find"] };
  const shop = await failed(() => ({}), failingCompany([pause, { ...TELL, needs: ["pause"] }]));

  expect(reasons(await shop.tick())).toEqual(["waiting"]);
  shop.pass("1h");
  await shop.tick();

  expect(shop.called).toEqual(["finder", "mailer"]);
  expect(shop.closedRuns()).toMatchObject([{ result: "failed" }]);
});
