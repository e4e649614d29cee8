import { expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { Rehearsal } from "../support/rehearsal.ts";
import { serveVectors, type VectorServer } from "../support/vector-server.ts";

/** 10 USD for a million tokens. */
const PRICE = { input: 10, output: 10 };

/** A writer of letters that may take 0.05 USD, and an embedder that costs. */
function company({ url }: VectorServer, more: Readonly<Record<string, unknown>> = {}) {
  const provider = { provider: "openai-compatible", baseUrl: `${url}/v1`, price: PRICE };
  return {
    ...settings({
      budget: [{ per: "month", usd: 40 }],
      models: {
        default: { ...provider, model: "large" },
        embedding: { ...provider, model: "vectors", key: "EMBED_KEY" },
      },
      secrets: { EMBED_KEY: { env: "EMBED_KEY", optional: true } },
      memory: { embedder: { model: "embedding" } },
      ...more,
    }),
    ...project("shop"),
    ...agent("writer", {
      runtime: { model: "default", prompt: "prompt.md" },
      limits: { usd: 0.05, wall: "1m" },
      memory: { recall: "invoicing habit" },
    }),
    ...pipeline("shop/write", [{ id: "draft", agent: "writer" }]),
    "agents/writer/prompt.md": "Write.\n",
    "memory/shop/fact/habits.md":
      "---\nkind: fact\nsubject: client/acme\n---\n\nAcme wants invoices early.\n",
    "memory/shop/fact/sea.md": "---\nkind: fact\nsubject: the/sea\n---\n\nIt is green.\n",
  };
}

async function drafted(files: Readonly<Record<string, string>>, key = "embed-key-1") {
  const shop = new Rehearsal({ files, plays: { writer: () => ({ outputs: { text: "x" } }) } });
  shop.environment = { ...shop.environment, EMBED_KEY: key };
  const draft = async () => {
    await shop.request("shop/write");
    await shop.tick();
    const attempt = shop.closedRuns().at(-1)?.attempts[0];
    if (attempt === undefined) throw new Error("nothing was drafted");
    return attempt;
  };
  return { shop, draft, first: await draft() };
}

test("What an embedder costs is paid by the step that recalls, within its grant, through the gateway; texts are paid for once.", async () => {
  const server = await serveVectors();

  const { shop, draft, first } = await drafted(company(server));
  const second = await draft();

  expect(first.memory.ranker).toMatch(/\/http:\/\/127\.0\.0\.1:\d+\/v1:vectors$/u);
  expect(first.memory.withoutVectors).toBeUndefined();
  expect(first.memory.recalled).not.toEqual([]);
  expect(server.asked.map(({ texts, key }) => [texts.length, key])).toEqual([
    [1, "Bearer embed-key-1"],
    [2, "Bearer embed-key-1"],
  ]);
  const tokens = server.asked.reduce(
    (sum, { texts }) => sum + Math.ceil(texts.join(" ").length / 4),
    0,
  );
  expect(first).toMatchObject({
    costMicros: tokens * 10,
    spent: { micros: tokens * 10, tokens, requests: 2 },
    calls: [{ model: "embedding" }, { model: "embedding" }],
  });
  const { money } = (await shop.look()).observed.summaries.workspace;
  expect(money?.totals["shop/write/writer"]?.micros).toBe(tokens * 10);
  // What is left of the grant is what the agent may take.
  expect(shop.calls[0]?.grant?.micros).toBe(50_000 - tokens * 10);
  expect(second.costMicros).toBe(0);
  expect(second.memory.recalled).toEqual(first.memory.recalled);
  expect((await shop.verify()).findings).toEqual([]);
});

test.each([
  ["is down", { status: 503 }, {}, "embed-key-1", "it says 503: out of order"],
  ["has no key", {}, {}, "", "the secret EMBED_KEY is not set"],
  [
    "is dearer than what the step may take",
    {},
    {
      models: {
        default: { provider: "openai", model: "m", price: PRICE },
        embedding: { provider: "openai", model: "v", price: { input: 2000, output: 2000 } },
      },
    },
    "embed-key-1",
    "it says 402: ",
  ],
])(
  "Where the embedder %s, words find what is remembered, and the attempt says why.",
  async (_, state, more, key, why) => {
    const server = Object.assign(await serveVectors(), state);

    const { first } = await drafted(company(server, more), key);

    expect(first.outcome).toBe("succeeded");
    expect(first.memory.withoutVectors).toContain(why);
    expect(first.memory.ranker).not.toContain("vectors");
    expect(first.memory.recalled).toHaveLength(1);
    expect(first.costMicros).toBe(0);
  },
);
