/** A runner that is killed while its agents ask models: no cap is passed, and little of it is lost. */
import { expect, onTestFinished, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { killedWhen } from "../support/killed-process.ts";
import { type Provider, serveProvider } from "../support/provider/provider.ts";
import { says } from "../support/provider/scene.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const ITEMS = Array.from({ length: 20 }, (_, index) => `'i${index}'`);
const STEP_USD = 0.1;
const CAP_USD = 10 * STEP_USD;
/** 20 USD for a million tokens out: 0.02 USD a request, and four of them an attempt. */
const USAGE = { inFresh: 100, cacheRead: 0, cacheWrite: 0, outText: 1000, reasoning: 0 };
const REQUEST_USD = 0.0201;
const AGENT = `
const { baseUrl } = JSON.parse(process.env.FETTLE_MODELS).big;
const headers = { "x-api-key": process.env.FETTLE_MODEL_KEY, "content-type": "application/json" };
for (let turn = 0; turn < 4; turn += 1) {
  const messages = [{ role: "user", content: "turn " + turn }];
  const body = JSON.stringify({ model: "large", max_tokens: 1000, messages });
  await (await fetch(baseUrl + "/v1/messages", { method: "POST", headers, body })).text();
}
console.log(JSON.stringify({ outputs: {} }));
`;

function shop(provider: Provider): Rehearsal {
  const price = { input: 1, output: 20 };
  const big = { provider: "anthropic", model: "large", baseUrl: provider.url, price };
  const each = { forEach: `\${{ [${ITEMS.join(", ")}] }}`, itemKey: "${{ item }}" };
  return new Rehearsal({
    files: {
      ...settings({ models: { big }, budget: [{ per: "day", usd: CAP_USD }] }),
      ...project("shop"),
      ...agent("writer", {
        runtime: { command: [process.execPath, "agents/writer/main.mjs"], models: ["big"] },
        limits: { usd: STEP_USD, wall: "1m" },
      }),
      "agents/writer/main.mjs": AGENT,
      ...pipeline("shop/letters", [{ id: "write", agent: "writer", ...each }]),
    },
    plays: {},
  });
}

test("Twenty agents whose runner is killed three times stay below a cap of ten attempts, and use most of it.", async () => {
  const provider = await serveProvider({ models: ["large"] });
  onTestFinished(() => provider.close());
  provider.play(says("yes", { usage: USAGE }));
  const of = shop(provider);
  await of.request("shop/letters");

  for (const asked of [4, 12, 20]) {
    const isKilled = await killedWhen(of, () => provider.asked.length >= asked);
    expect(isKilled).toBe("SIGKILL");
  }
  const { holds } = await of.tick();

  // Whoever is asked is paid, whether or not anybody hears the answer.
  const used = provider.asked.length * REQUEST_USD;
  expect(new Set(holds.map(({ reason }) => reason))).toEqual(new Set(["budget-exceeded"]));
  expect(used).toBeLessThanOrEqual(CAP_USD);
  expect(used).toBeGreaterThanOrEqual(0.7 * CAP_USD);
  const { observed } = await of.look();
  const { grants = [], totals = {} } = observed.summaries.workspace.money ?? {};
  expect(grants).toEqual([]);
  expect(totals["shop/letters/writer"]?.micros).toBeGreaterThanOrEqual(Math.floor(used * 1e6));
  expect((await of.verify()).findings).toEqual([]);
});
