/** Money as an operator sees it: a paid model on the loopback, a cap, and every cent told afterwards. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { type Provider, serveProvider } from "../support/provider/provider.ts";
import { says } from "../support/provider/scene.ts";
import { makeDesk, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;
let provider: Provider;

/** 1000 tokens in for 0.003 USD, 500 out for 0.0075 USD: 0.0105 USD a letter. */
const USAGE = { inFresh: 1000, cacheRead: 0, cacheWrite: 0, outText: 500, reasoning: 0 };
const LETTERS = 2;

function withCap(usd: number): ReturnType<typeof settings> {
  return settings({
    timezone: "Europe/Berlin",
    currency: { code: "EUR", perUsd: 0.5 },
    budget: [{ per: "day", usd, warnAt: 0.5 }],
    models: {
      big: {
        provider: "openai-compatible",
        baseUrl: `${provider.url}/v1`,
        model: "large",
        price: { input: 3, output: 15 },
      },
    },
  });
}

beforeAll(async () => {
  provider = await serveProvider();
  provider.play(says('{"text":"hello"}', { usage: USAGE }));
  company = await makeCompany(desk, "company", {
    ...withCap(0.05),
    ...project("shop", { budget: [{ per: "month", usd: 1 }] }),
    ...agent("writer", {
      runtime: { model: "big", prompt: "prompt.md" },
      limits: { usd: 0.03, wall: "1m" },
    }),
    "agents/writer/prompt.md": "Write a letter.\n",
    ...pipeline("shop/letters", [
      {
        id: "write",
        agent: "writer",
        forEach: "${{ ['a', 'b', 'c', 'd', 'e'] }}",
        itemKey: "${{ item }}",
        maxParallel: 1,
      },
    ]),
  });
  await company.fettle("run", "shop/letters");
  await company.fettle("reconcile");
});
afterAll(async () => {
  await provider.close();
  desk.remove();
});

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await company.fettle(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("what begins is paid within the cap, and the hold says what to change where", async () => {
  const { holds, caps } = await json("plan");

  expect(provider.asked).toHaveLength(LETTERS);
  expect(holds).toHaveLength(3);
  expect(holds).toMatchObject(
    Array.from({ length: 3 }, () => ({
      reason: "budget-exceeded",
      why: "the workspace has used 0.021 USD of 0.05 USD per day, and an attempt of writer may take 0.03 USD",
      unblock:
        "fettle costs   shows all caps; raise usd of { per: day } in the budget of fettle.yaml to at least 0.051 USD, or lower limits.usd in agents/writer/agent.yaml, and commit",
    })),
  );
  expect(caps).toMatchObject([
    {
      level: "next",
      text: "the next run of shop/letters may need 0.15 USD; 0.029 USD is left of 0.05 USD per day of the workspace",
    },
  ]);
});

const BOOKED = { micros: 21_000, tokens: 3000, requests: 2, ms: 0 };

test.each([
  ["project", "shop"],
  ["pipeline", "shop/letters"],
  ["agent", "writer"],
  ["model", "openai-compatible/large"],
  ["day", "2026-11-23"],
])("Costs are told apart by %s.", async (by, key) => {
  const report = await json("costs", "--by", by);

  expect(report["rows"]).toMatchObject([{ key, amount: BOOKED }]);
  expect(report["total"]).toEqual(BOOKED);
});

test("caps are shown with what is gone of them, and amounts in the currency of the workspace", async () => {
  const { stdout } = await company.fettle("costs");

  expect(stdout).toContain("0.011 EUR from 2026-10-25 to 2026-11-23, 2 requests, 3000 tokens");
  expect(stdout).toContain("1 USD = 0.5 EUR (fettle.yaml); caps are in USD");
  expect(stdout).toMatch(/the workspace +day +0\.021 USD +- +0\.05 USD +about 0\.05 USD/);
  expect(stdout).toMatch(/project shop +month +0\.021 USD +- +1 USD/);
});

test("a spreadsheet gets whole micro-dollars", async () => {
  const { stdout } = await company.fettle("costs", "--csv", "--by", "agent");

  expect(stdout).toBe(
    "agent,micro_usd,requests,tokens,ms,approved,delivered\nwriter,21000,2,3000,0,,\n",
  );
});

test("what was spent at an earlier state can be asked for", async () => {
  const first = await company.git("rev-list", "--max-parents=0", "fettle/state");

  expect(await json("costs", "--at", first)).toMatchObject({ rows: [], total: { micros: 0 } });
});

test.each([
  [["--by", "moon"], 64, "project"],
  [["--days", "0"], 64, "a whole number above 0"],
  [["--days", "36"], 64, "--days must be from 1 to 35"],
  [["--days", "36"], 64, "older months stand in git log fettle/state"],
  [["--days", "x"], 64, "--days"],
])("costs %j is refused with what is possible", async (args, code, words) => {
  const ended = await company.fettle("costs", ...args);

  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(words);
});

test("an explanation of a run names every request with its cost, and the record where it comes from", async () => {
  const explained = await company.fettle("explain", "letters", "--verbose");
  const [run = ""] = /letters\.[a-z0-9]{12}/.exec(explained.stdout) ?? [];
  const { stdout } = await company.fettle("explain", run, "--verbose");
  const timeline = await company.fettle("timeline", run, "--verbose");
  const flat = timeline.stdout.replaceAll(/\s+/g, " ");

  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    "forecast was at most 0.15 USD by the limits of its agents, with 5 attempts",
  );
  expect(flat).toContain("forecast was at most 0.15 USD");
  expect(stdout).toContain("WHAT MODELS WERE ASKED");
  expect(stdout).toMatch(/write\[a\] +0\.0105 USD metered: 1000 tokens in, 500 out; large/);
  expect(stdout).toMatch(/prices +sha256:[0-9a-f]{64}/);
  expect(flat).toContain("write[b] asked a model: 0.0105 USD metered: 1000 tokens in, 500 out;");
  expect(flat).toMatch(/prices sha256:[0-9a-f]{64}/);
});

test("a cap that is nearly gone is told by status and plan; raised, the work goes on", async () => {
  await commit(company, withCap(0.06));
  await company.fettle("reconcile");
  const status = await company.fettle("status");
  await commit(company, withCap(0.5));
  await company.fettle("reconcile");

  expect(status.stdout.replaceAll(/\s+/g, " ")).toContain(
    "BUDGET ! the workspace has used 0.0315 USD of 0.06 USD per day (52 %); at this rate it would be about 0.076 USD by the end of the day fettle.yaml, begins anew in 13 h",
  );
  expect(provider.asked).toHaveLength(5);
  expect(await json("costs")).toMatchObject({ total: { micros: 52_500 } });
  expect(await json("status")).toMatchObject({ holds: [], caps: [] });
  expect((await company.fettle("verify")).code).toBe(0);
});
