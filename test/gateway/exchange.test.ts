import { describe, expect, test } from "vitest";
import { fails, says } from "../support/provider/scene.ts";
import { FORMATS, openShop, REAL_KEY } from "./client.ts";

const USED = { inFresh: 100, cacheRead: 300, cacheWrite: 0, outText: 40, reasoning: 0 };

describe.each(FORMATS)("$name", (format) => {
  test("an answer comes through, and costs what the provider counted", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play(says("hello", { usage: USED }));

    const answer = await post(format.body("hi", 1000));

    expect(answer.status).toBe(200);
    expect(answer.text).toContain("hello");
    const report = account.report();
    expect(report).toMatchObject({ micros: 800, usage: USED, requests: 1, refusals: [] });
    expect(report.calls).toMatchObject([
      { upstream: "main", modelAsked: "m", modelAnswered: "m", status: 200, basis: "metered" },
    ]);
    expect(report.held).toEqual({ micros: 0, tokens: 0 });
  });

  test("the real key reaches the provider, the agent's never", async () => {
    const { account, post, provider } = await openShop(format, { provider: { key: REAL_KEY } });

    const answer = await post(format.body("hi", 1000), {
      headers: { authorization: `Bearer ${account.token}`, cookie: "a=b" },
    });

    expect(answer.status).toBe(200);
    expect(provider.asked[0]?.headers[format.keyHeader]).toContain(REAL_KEY);
    expect(JSON.stringify(provider.asked)).not.toContain(account.token);
    expect(provider.asked[0]?.headers["cookie"]).toBeUndefined();
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  test("a key that the provider repeats in an error does not reach the agent", async () => {
    const { post, records } = await openShop(format, { provider: { key: "another" } });

    const answer = await post(format.body("hi", 1000));

    expect(answer.status).toBe(401);
    expect(answer.text).toContain("invalid key");
    expect(answer.text).not.toContain(REAL_KEY);
    expect(Buffer.from(records[0]?.response ?? []).toString()).toBe(answer.text);
    expect(JSON.stringify(records[0]?.requestHeaders)).not.toContain("fettle-");
  });

  test("the limit of the answer is cut to what the money pays", async () => {
    const { account, post, provider } = await openShop(format, { grant: { micros: 10_000 } });

    const answer = await post(format.body("hi", 32_000));

    expect(answer.status).toBe(200);
    const [call] = account.report().calls;
    const limit = Number(format.limit(provider.asked[0]?.body ?? {}));
    expect(limit).toBeLessThan(1000);
    expect(limit).toBeGreaterThan(900);
    expect((call?.inputEstimate ?? 0) + 10 * limit).toBeLessThanOrEqual(10_000);
  });

  test("a request without a limit gets one", async () => {
    const { post, provider } = await openShop(format);

    await post(format.body("hi"));

    expect(format.limit(provider.asked[0]?.body ?? {})).toBe(8192);
  });

  test("below the floor it is denied with 402, in words, and nothing is sent", async () => {
    const { account, post, provider } = await openShop(format, { grant: { micros: 5000 } });

    const answer = await post(format.body("hi", 1000));

    expect(answer.status).toBe(402);
    expect(format.message(answer.body)).toMatch(
      /^fettle: the money of this attempt does not suffice: of \$0\.005, \$0\.00 is spent and \$0\.00 is reserved .* needs at least \$0\.0055\d*\. Do not send it again/,
    );
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(provider.asked).toEqual([]);
    expect(account.report()).toMatchObject({ micros: 0, refusals: [{ reason: "budget" }] });
  });

  test("a short answer is not below the floor", async () => {
    const { post } = await openShop(format, { grant: { micros: 5000 } });

    const answer = await post(format.body("hi", 20));

    expect(answer.status).toBe(200);
  });

  test.each([400, 401, 402, 403, 404, 413, 429, 500, 503, 529])(
    "an error %i comes through and costs nothing",
    async (status) => {
      const { account, post, provider } = await openShop(format);
      provider.play(fails(status, "no such luck"));

      const answer = await post(format.body("hi", 1000));

      expect(answer.status).toBe(status);
      expect(format.message(answer.body)).toBe("no such luck");
      expect(account.report()).toMatchObject({ micros: 0, calls: [{ status, micros: 0 }] });
    },
  );

  test("more than was reserved is booked in full and closes the account", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play(says("hello", { usage: { ...USED, outText: 90_000 }, isBoundless: true }));

    await post(format.body("hi", 1000));
    const next = await post(format.body("again", 1000));

    expect(account.report().micros).toBe(900_400);
    expect(next.status).toBe(402);
    expect(format.message(next.body)).toContain("cost more than was reserved");
    expect(account.report().refusals).toMatchObject([{ reason: "overrun" }]);
    expect(provider.asked).toHaveLength(1);
  });

  test("an answer that nobody counted costs what was reserved", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play(says("hello", { usage: null }));

    await post(format.body("hi", 1000));

    const [call] = account.report().calls;
    expect(call).toMatchObject({ basis: "estimated", micros: call?.reserved.micros });
    expect(call?.micros).toBeGreaterThan(10_000);
  });

  test("a model that has no price is not asked", async () => {
    const { account, post, provider } = await openShop(format, { upstream: { price: null } });

    const answer = await post(format.body("hi", 1000));

    expect(answer.status).toBe(402);
    expect(account.report().refusals).toMatchObject([{ reason: "unpriced", model: "m" }]);
    expect(provider.asked).toEqual([]);
  });
});
