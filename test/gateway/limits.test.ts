import { describe, expect, test } from "vitest";
import { fails, says, USAGE } from "../support/provider/scene.ts";
import { FORMATS, openShop, type Format } from "./client.ts";

const [ANTHROPIC, CHAT, RESPONSES, GEMINI] = FORMATS;
if (!ANTHROPIC || !CHAT || !RESPONSES || !GEMINI) throw new Error("a format is missing");

const ask = (format: Format, prompt: string): unknown => format.body(prompt, 1000);

test("requests in parallel wait for what others hold, and are served in turn", async () => {
  const { account, post, provider } = await openShop(ANTHROPIC, { grant: { micros: 12_000 } });
  const go = provider.hold();

  const answers = ["a", "b", "c"].map((prompt) => post(ask(ANTHROPIC, prompt)));
  await provider.reached(1);
  await expect.poll(() => account.report().held.micros).toBeGreaterThan(10_000);
  expect(provider.asked).toHaveLength(1);
  go();

  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 200]);
  expect(account.report()).toMatchObject({ micros: 900, requests: 3 });
});

test("twenty at once never spend more than the cap", async () => {
  const { account, post, provider } = await openShop(CHAT, { grant: { micros: 40_000 } });
  provider.play(says("hello", { usage: { ...USAGE, inFresh: 400, outText: 1000 } }));

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_none, index) => post(ask(CHAT, `prompt ${index}`))),
  );

  const { micros, held, refusals } = account.report();
  expect(micros).toBeLessThanOrEqual(40_000);
  expect(held).toEqual({ micros: 0, tokens: 0 });
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
  expect(refusals.every(({ reason }) => reason === "budget")).toBe(true);
});

test("who leaves the queue leaves nothing behind", async () => {
  const { account, post, provider } = await openShop(ANTHROPIC, { grant: { micros: 12_000 } });
  const go = provider.hold();
  const first = post(ask(ANTHROPIC, "a"));
  await provider.reached(1);

  const leave = new AbortController();
  const second = post(ask(ANTHROPIC, "b"), { signal: leave.signal });
  await new Promise((resolve) => setTimeout(resolve, 50));
  leave.abort();
  await expect(second).rejects.toThrow(/terminated|aborted|fetch failed/);
  await expect.poll(() => account.report().refusals).toMatchObject([{ reason: "ended" }]);
  go();

  expect((await first).status).toBe(200);
  expect((await post(ask(ANTHROPIC, "c"))).status).toBe(200);
  expect(provider.asked).toHaveLength(2);
  expect(account.report().held).toEqual({ micros: 0, tokens: 0 });
});

test.each([
  ["requests", { micros: 1_000_000, requests: 2 }, /may make 2 requests to models and has made 2/],
  ["tokens", { micros: 1_000_000, tokens: 2200 }, /of 2200, 240 are spent/],
] as const)("the cap on %s holds", async (reason, grant, message) => {
  const { account, post, provider } = await openShop(ANTHROPIC, { grant });

  await post(ask(ANTHROPIC, "a"));
  await post(ask(ANTHROPIC, "b"));
  const third = await post(ANTHROPIC.body("c".repeat(4000), 1000));

  expect(third.status).toBe(402);
  expect(ANTHROPIC.message(third.body)).toMatch(message);
  expect(account.report().refusals).toMatchObject([{ reason }]);
  expect(provider.asked).toHaveLength(2);
});

test("an answer is not cut below what it is to think", async () => {
  const { post, provider } = await openShop(ANTHROPIC, { grant: { micros: 20_000 } });
  const thinking = { type: "enabled", budget_tokens: 2000 };

  const answer = await post({ ...ANTHROPIC.body("a", 8000), thinking });

  expect(answer.status).toBe(402);
  expect(provider.asked).toEqual([]);
});

describe("a model that costs nothing", () => {
  test("is asked without money, and capped by tokens", async () => {
    const { account, post } = await openShop(CHAT, {
      grant: { micros: 0, tokens: 1700 },
      upstream: { price: "zero" },
    });

    const first = await post(ask(CHAT, "a"));
    const second = await post(CHAT.body("b".repeat(6000), 1000));

    expect([first.status, second.status]).toEqual([200, 402]);
    expect(account.report()).toMatchObject({ micros: 0, calls: [{ basis: "metered" }] });
  });

  test("and counts nothing is taken for what it has written", async () => {
    const { account, post, provider } = await openShop(CHAT, {
      grant: { micros: 0 },
      upstream: { price: "zero" },
    });
    provider.play(says("hello", { usage: null }));

    await post(ask(CHAT, "a"));

    const [call] = account.report().calls;
    expect(call).toMatchObject({ basis: "estimated", micros: 0 });
    expect(call?.usage.outText).toBeLessThan(400);
    expect(call?.usage.outText).toBeGreaterThan(5);
  });
});

test("a subscription costs nothing and shows what it would have cost", async () => {
  const { account, post } = await openShop(ANTHROPIC, {
    grant: { micros: 0, requests: 5 },
    upstream: { price: { subscription: ({ outText }) => outText * 15 } },
  });

  await post(ask(ANTHROPIC, "a"));

  expect(account.report()).toMatchObject({
    micros: 0,
    calls: [{ basis: "subscription", micros: 0, shadowMicros: 300 }],
  });
});

test("a model has its own price where it says so", async () => {
  const { account, post } = await openShop(CHAT, {
    upstream: { price: ({ outText }) => outText * 3 },
  });

  await post(ask(CHAT, "a"));

  expect(account.report().micros).toBe(60);
});

describe("a provider that wants to be left alone", () => {
  test.each([
    ["seconds", { "retry-after": "86400" }],
    ["milliseconds", { "retry-after-ms": "86400000" }],
    ["a date", { "retry-after": new Date(86_400_000).toUTCString() }],
  ])("is not asked again before its time, said in %s", async (_unit, headers) => {
    let now = 0;
    const { account, post, provider } = await openShop(ANTHROPIC, {
      now: () => now,
      account: { deadline: 1e9 },
    });
    provider.play(fails(429, "slow down", headers), says("hello"));

    const limited = await post(ask(ANTHROPIC, "a"));
    now = 86_390_000;
    const early = await post(ask(ANTHROPIC, "a"));
    now = 86_400_000;
    const late = await post(ask(ANTHROPIC, "a"));

    expect([limited.status, early.status, late.status]).toEqual([429, 429, 200]);
    expect(early.headers.get("retry-after")).toBe("10");
    expect(ANTHROPIC.message(early.body)).toContain("not to be asked for another 10 s");
    expect(provider.asked).toHaveLength(2);
    expect(account.report().refusals).toMatchObject([
      { reason: "rate-limited", retryAfterMs: 86_400_000 },
      { reason: "rate-limited", retryAfterMs: 10_000 },
    ]);
    expect(account.report().requests).toBe(2);
  });

  test("and says so in Google's way is understood", async () => {
    const { account, post, provider } = await openShop(GEMINI);
    provider.play({ kind: "error", status: 429, message: "slow down", retryDelay: "34s" });

    await post(ask(GEMINI, "a"));
    const second = await post(ask(GEMINI, "b"));

    expect(second.status).toBe(429);
    expect(account.report().refusals[0]?.retryAfterMs).toBe(34_000);
    expect(provider.asked).toHaveLength(1);
  });

  test("without a time is asked again, and the report names it", async () => {
    const { account, post, provider } = await openShop(CHAT);
    provider.play(fails(429, "slow down"), says("hello"));

    await post(ask(CHAT, "a"));
    const second = await post(ask(CHAT, "a"));

    expect(second.status).toBe(200);
    expect(account.report().refusals).toMatchObject([{ reason: "rate-limited" }]);
  });

  test("is asked by so many at once and no more", async () => {
    const { post, provider } = await openShop(CHAT, {
      upstream: { limits: { concurrency: 2 } },
    });
    const go = provider.hold();

    const answers = ["a", "b", "c"].map((prompt) => post(ask(CHAT, prompt)));
    await provider.reached(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(provider.asked).toHaveLength(2);
    go();

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("is asked so often in a minute and no more", async () => {
    const { account, post, provider } = await openShop(CHAT, {
      upstream: { limits: { requestsPerMinute: 1 } },
    });

    await post(ask(CHAT, "a"));
    const second = post(ask(CHAT, "b"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const report = await account.close();

    expect((await second).status).toBe(403);
    expect(provider.asked).toHaveLength(1);
    expect(report).toMatchObject({ requests: 1, refusals: [{ reason: "ended" }] });
  });
});

test("one request that is answered again and again is a loop", async () => {
  const { account, post, provider } = await openShop(RESPONSES, { repeats: 3 });
  provider.play(fails(500), says("hello"));

  const statuses: number[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    statuses.push((await post(ask(RESPONSES, "again"))).status);
  }
  const other = await post(ask(RESPONSES, "something else"));

  expect(statuses).toEqual([500, 200, 200, 200, 402, 402]);
  expect(other.status).toBe(200);
  expect(account.report().refusals[0]).toMatchObject({ reason: "no-progress" });
});

describe("an attempt that is over", () => {
  test("cuts off what is under way and books what was reserved", async () => {
    const { account, post, provider } = await openShop(ANTHROPIC);
    provider.play({ kind: "hang", after: "nothing" });
    const answer = post(ask(ANTHROPIC, "a"));
    await provider.reached(1);

    const report = await account.close();

    expect(report.calls).toMatchObject([{ status: null, basis: "estimated" }]);
    expect(report.micros).toBe(report.calls[0]?.reserved.micros);
    expect((await answer).status).toBe(403);
    expect((await post(ask(ANTHROPIC, "b"))).status).toBe(401);
  });

  test("at its deadline asks nothing any more", async () => {
    const { post, provider } = await openShop(ANTHROPIC, { account: { deadline: Date.now() - 1 } });
    await new Promise((resolve) => setTimeout(resolve, 20));

    const answer = await post(ask(ANTHROPIC, "a"));

    expect(answer.status).toBe(403);
    expect(provider.asked).toEqual([]);
  });
});

test.each(FORMATS)("$name: a provider that is not there costs nothing", async (format) => {
  const { account, post, provider } = await openShop(format);
  await provider.close();

  const answer = await post(ask(format, "a"));

  expect(answer.status).toBe(502);
  expect(format.message(answer.body)).toContain("ECONNREFUSED");
  expect(account.report()).toMatchObject({ micros: 0, calls: [{ status: null, micros: 0 }] });
});

test("a connection that is lost after the request was sent costs what was reserved", async () => {
  const { account, post, provider } = await openShop(CHAT);
  provider.play({ kind: "crash", after: "nothing" });

  const answer = await post(ask(CHAT, "a"));

  expect(answer.status).toBe(502);
  const [call] = account.report().calls;
  expect(call).toMatchObject({ basis: "estimated", micros: call?.reserved.micros });
});

test("a redirect is not followed", async () => {
  const { account, post, provider } = await openShop(CHAT);
  provider.play(fails(307, "elsewhere", { location: `${provider.url}/v1/chat/completions` }));

  const answer = await post(ask(CHAT, "a"));

  expect(answer.status).toBe(502);
  expect(answer.headers.get("location")).toBeNull();
  expect(CHAT.message(answer.body)).toContain("redirects (HTTP 307)");
  expect(provider.asked).toHaveLength(1);
  expect(account.report().micros).toBe(0);
});

test("an input that was taken for less than it was is taken for more the next time", async () => {
  const { account, post, provider } = await openShop(CHAT, { bytesPerToken: () => 3.5 });
  provider.play(says("hello", { usage: { ...USAGE, inFresh: 4000 } }));

  await post(ask(CHAT, "a"));
  await post(ask(CHAT, "b"));
  await post(ask(CHAT, "c"));

  const estimates = account.report().calls.map(({ inputEstimate }) => inputEstimate);
  expect(estimates[0]).toBeLessThan(500);
  expect(estimates.slice(1)).toEqual([4000, 4000]);
});

test("what was measured of a model counts for its estimate", async () => {
  const { account, post } = await openShop(CHAT, { bytesPerToken: () => 1 });

  await post(CHAT.body("x".repeat(10_000), 10));

  expect(account.report().calls[0]?.inputEstimate).toBeGreaterThan(10_000);
});
