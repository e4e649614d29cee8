import { expect, test } from "vitest";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

const IDS = { type: "array", items: { type: "string" } };
const OUTPUTS = {
  type: "object",
  required: ["merged"],
  properties: {
    merged: {
      type: "array",
      items: {
        type: "object",
        required: ["supersedes", "text"],
        properties: { supersedes: IDS, text: { type: "string", minLength: 1 } },
      },
    },
  },
};

const A = "memory/shop/fact/2026-02/mails.md";
const B = "memory/shop/fact/2026-02/warm.md";
const BY_HAND = {
  [A]: byHand("client/acme", "Acme wants short mails of 5 lines."),
  [B]: byHand("client/acme", "Acme wants short and warm mails."),
  "memory/shop/fact/2026-02/bolt.md": byHand("client/bolt", "Bolt pays by card."),
};
const MODEL = { provider: "openai-compatible", model: "small", baseUrl: "http://127.0.0.1:9/v1" };

function byHand(subject: string, text: string): string {
  return `---\nkind: fact\nsubject: ${subject}\n---\n\n${text}\n`;
}

/** `shop/tidy` consolidates; `shop/use` recalls what is known of Acme's mails. */
function studio(keeper: object): Record<string, string> {
  return {
    ...settings(),
    ...project("shop"),
    ...agent("keeper", { memory: { consolidates: true, limit: 50 }, outputs: OUTPUTS, ...keeper }),
    ...agent("user", { memory: { recall: "short mails", subject: "client/acme" } }),
    ...pipeline("shop/tidy", [{ id: "tidy", agent: "keeper" }]),
    ...pipeline("shop/use", [{ id: "use", agent: "user" }]),
    ...BY_HAND,
  };
}

async function done(shop: Rehearsal, name: string): Promise<AttemptRecord | undefined> {
  await shop.request(`shop/${name}`);
  await shop.tick();
  return shop.closedRuns().findLast(({ run }) => run.pipeline === name)?.attempts[0];
}

async function told(shop: Rehearsal): Promise<readonly string[]> {
  const used = await done(shop, "use");
  expect(used?.memory.refused).toEqual([]);
  return (shop.calls.at(-1)?.memory ?? []).map(({ text }) => text).toSorted();
}

const BEFORE = ["Acme wants short and warm mails.", "Acme wants short mails of 5 lines."];
const MERGED = "Acme: short, warm mails of 5 lines.";

/** The keeper merges what it is given; of each group it first forgets one record. */
function tidyShop(): Rehearsal {
  const plays: Record<string, Play> = {
    keeper: ({ clusters = [] }) => ({
      outputs: {
        merged: clusters.flatMap(({ supersedes }) => [
          { supersedes: supersedes.slice(1), text: MERGED },
          { supersedes, text: MERGED },
        ]),
      },
    }),
    user: () => ({ outputs: { merged: [{ supersedes: [], text: "An output like any other." }] } }),
  };
  return new Rehearsal({ files: studio({}), plays });
}

function asked({ calls }: Rehearsal): number {
  return calls.filter((call) => call.agent.name === "keeper").length;
}

test("Records that say nearly the same are put in an agent's words, and stand until an operator merges that.", async () => {
  const shop = tidyShop();

  const tidied = await done(shop, "tidy");

  expect(shop.calls[0]?.memory.map(({ text }) => text).toSorted()).toEqual(BEFORE);
  expect(shop.calls[0]?.clusters).toMatchObject([{ text: expect.stringContaining("- Acme") }]);
  expect(tidied?.memory).toMatchObject({
    recalled: [{}, {}],
    refused: [{ subject: "unknown", reason: expect.stringContaining("it leaves out mem_") }],
  });
  const [id = ""] = tidied?.memory.proposed ?? [];
  const gate = await shop.gate();
  const decision = shop.text(`${gate.folder}/decision.md`, gate.branch);
  expect(decision).toContain(MERGED);
  expect(decision).toMatch(
    /it takes the place of mem\\_\w+ .*5 lines\..*, mem\\_\w+ .*warm mails\./u,
  );
  expect(await told(shop)).toEqual(BEFORE);

  shop.operator.git("merge", "--no-ff", "--quiet", "--message", "Yes", gate.branch);
  await shop.tick();

  expect(await told(shop)).toEqual([MERGED]);
  expect(shop.calls.at(-1)?.memory).toMatchObject([{ id }]);
  expect((await done(shop, "tidy"))?.outcome).toBe("noop");
  expect((await shop.tick()).booked).toBe(0);
  expect((await shop.verify()).findings).toEqual([]);
});

test("What waits to become one is not asked for again, and after a no only once one of the records has changed.", async () => {
  const shop = tidyShop();
  await done(shop, "tidy");

  const waiting = await done(shop, "tidy");
  await shop.reject((await shop.gate()).id, "not now");
  await shop.tick();
  const refused = await done(shop, "tidy");

  expect([waiting?.outcome, refused?.outcome]).toEqual(["noop", "noop"]);
  expect(asked(shop)).toBe(1);
  expect(await told(shop)).toEqual(BEFORE);

  shop.operator.commit({ [B]: byHand("client/acme", "Acme wants short, very warm mails.") });
  const changed = await done(shop, "tidy");

  expect(asked(shop)).toBe(2);
  expect(changed?.memory.proposed).toHaveLength(1);
  expect((await shop.verify()).findings).toEqual([]);
});

test("Where no model is at hand the text is the one that fettle makes by itself, from a template of one line.", async () => {
  const runtime = { model: "small", fallback: [{ template: { merged: "merged.json.hbs" } }] };
  const shop = new Rehearsal({
    files: {
      ...studio({ runtime, limits: { usd: 0.01, wall: "1m" } }),
      ...settings({ models: { small: { ...MODEL, price: { input: 1, output: 1 } } } }),
      "agents/keeper/merged.json.hbs": "{{json clusters}}\n",
    },
    plays: { user: () => ({}) },
  });

  const tidied = await done(shop, "tidy");

  expect(tidied).toMatchObject({ outcome: "succeeded", rung: "template" });
  expect(tidied?.memory.refused).toEqual([]);
  const gate = await shop.gate();
  const [file] = gate.deliverables;
  const text = shop.text(file?.path ?? "", gate.branch);
  for (const line of BEFORE) expect(text).toContain(`- ${line}`);
  expect(text).toContain("supersedes: [mem_");
});
