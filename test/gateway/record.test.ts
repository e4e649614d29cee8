import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fails, overflows, says } from "../support/provider/scene.ts";
import { FORMATS, openShop } from "./client.ts";

const sha256 = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex");

describe.each(FORMATS)("$name", (format) => {
  test("what was said is recorded as the agent said and got it, without keys", async () => {
    const { post, records } = await openShop(format);
    const body = JSON.stringify(format.body("grüße", 100));

    const answer = await post(body, { headers: { "anthropic-version": "2023-06-01" } });

    const [record] = records;
    expect(records).toHaveLength(1);
    expect(Buffer.from(record?.request ?? []).toString()).toBe(body);
    expect(Buffer.from(record?.response ?? []).toString()).toBe(answer.text);
    expect(record?.call).toMatchObject({
      requestDigest: sha256(body),
      responseDigest: sha256(answer.text),
      firstByteMs: expect.any(Number),
      isWhole: true,
    });
    expect(record?.requestHeaders).toMatchObject({ "anthropic-version": "2023-06-01" });
    expect(JSON.stringify([record?.requestHeaders, record?.responseHeaders])).not.toMatch(
      /fettle-|sk-real|session=/,
    );
  });

  test("a packed answer is unpacked for the agent and the record", async () => {
    const { account, post, provider, records } = await openShop(format);
    provider.play(says("hello", { packing: "br" }));

    const answer = await post(format.body("hi", 100));

    expect(provider.asked[0]?.headers["accept-encoding"]).toBe("identity");

    expect(answer.text).toContain("hello");
    expect(Buffer.from(records[0]?.response ?? []).toString()).toBe(answer.text);
    expect(account.report().calls).toMatchObject([{ basis: "metered", micros: 300 }]);
  });

  test("a packing that is not known goes through as it is, and costs what was reserved", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play(says("hello", { packing: "secret" }));

    const answer = await post(format.body("hi", 100));

    expect(answer.headers.get("content-encoding")).toBe("secret");
    expect(answer.status).toBe(200);
    const [call] = account.report().calls;
    expect(call).toMatchObject({ basis: "estimated", micros: call?.reserved.micros });
  });

  test("bytes that are no UTF-8 go through untouched and are counted", async () => {
    const { account, post, provider, records } = await openShop(format);
    provider.play(says("hello", { isGarbled: true }));

    const answer = await post(format.body("hi", 100));

    expect(answer.text).toContain("\u{fffd}ello");
    expect(Buffer.from(records[0]?.response ?? []).includes(0xff)).toBe(true);
    expect(account.report()).toMatchObject({ micros: 300, calls: [{ basis: "metered" }] });
  });

  test("what a prompt that is too long is told comes through", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play(overflows());

    const answer = await post(format.body("hi", 100));

    expect(answer.status).toBe(400);
    expect(format.message(answer.body)).toContain("prompt is too long");
    expect(account.report().micros).toBe(0);
  });

  test("a model that the provider does not know costs nothing", async () => {
    const { account, post } = await openShop(format, { provider: { models: ["another"] } });

    const answer = await post(format.body("hi", 100));

    expect(answer.status).toBe(404);
    expect(format.message(answer.body)).toBe("no model m");
    expect(account.report()).toMatchObject({ micros: 0, calls: [{ status: 404 }] });
  });

  test.each(['{"a":', "```json\n{}\n```", '{"a":1}', ""])(
    "%j is the agent's to judge",
    async (said) => {
      const { account, post, provider } = await openShop(format);
      provider.play(says(said, { isTruncated: true }));

      const answer = await post(format.body("hi", 100));

      expect(answer.status).toBe(200);
      expect(answer.text).toContain(JSON.stringify(said).slice(1, -1));
      expect(account.report().micros).toBe(300);
    },
  );

  test("numbers of any length reach the provider as they were", async () => {
    const { post, provider } = await openShop(format);
    const body = JSON.stringify(format.body("hi", 100));

    await post(`${body.slice(0, -1)},"metadata":{"id":12345678901234567890,"s":"1.0"}}`);

    expect(provider.asked[0]?.text).toContain('"id":12345678901234567890');
  });

  test("a record that cannot be kept is told when the account is closed", async () => {
    const { account, post } = await openShop(format, {
      account: { record: () => Promise.reject(new Error("the disk is full")) },
    });

    const answer = await post(format.body("hi", 100));

    expect(answer.status).toBe(200);
    await expect(account.close()).rejects.toThrow("the disk is full");
  });
});

test("a refusal that never reached a provider is not recorded", async () => {
  const [format] = FORMATS;
  if (format === undefined) throw new Error("no format");
  const { post, provider, records } = await openShop(format, { grant: { micros: 0 } });
  provider.play(fails(500));

  await post(format.body("hi", 100));

  expect(records).toEqual([]);
});
