import { describe, expect, test } from "vitest";
import { calls, says } from "../support/provider/scene.ts";
import { FORMATS, openShop, type Format, type Post } from "./client.ts";

const USED = { inFresh: 100, cacheRead: 300, cacheWrite: 0, outText: 30, reasoning: 10 };

const asStream = ({ streamPath }: Format): Post =>
  streamPath === undefined ? {} : { path: streamPath };

describe.each(FORMATS)("$name, streamed", (format) => {
  test("events come through as they were sent, and cost what the provider counted", async () => {
    const { account, post, provider, records } = await openShop(format);
    provider.play(says("hello, world", { usage: USED }));

    const answer = await post(format.streamed(format.body("hi", 1000)), asStream(format));

    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    expect(answer.text).toContain("hello,");
    expect(answer.text).toContain(" world");
    expect(account.report()).toMatchObject({
      micros: 800,
      calls: [{ basis: "metered", modelAnswered: "m", isWhole: true, micros: 800 }],
    });
    expect(Buffer.from(records[0]?.response ?? []).toString()).toBe(answer.text);
  });

  test("a tool call comes through untouched", async () => {
    const { post, provider } = await openShop(format);
    const input = { path: "a/ü.txt", lines: [1, 2], text: 'say "hi"\n' };
    provider.play(calls("read_file", input));

    const answer = await post(format.streamed(format.body("hi", 1000)), asStream(format));

    const direct = await fetch(`${provider.url}${provider.asked[0]?.path}`, {
      method: "POST",
      body: provider.asked[0]?.text ?? "",
    });
    expect(answer.text).toContain("read_file");
    expect(withoutUsage(await direct.text())).toBe(withoutUsage(answer.text));
  });

  test("a stream that dies costs what was reserved, and the client sees it die", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play({ kind: "crash", after: "start" });

    await expect(post(format.streamed(format.body("hi", 1000)), asStream(format))).rejects.toThrow(
      /terminated|aborted|fetch failed/,
    );

    await expect.poll(() => account.report().held.micros).toBe(0);
    const [call] = account.report().calls;
    expect(call).toMatchObject({ basis: "estimated", isWhole: false });
    expect(call?.micros).toBe(call?.reserved.micros);
    expect(call?.micros).toBeGreaterThan(10_000);
  });

  test("a client that leaves takes the request along, and it costs what was reserved", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play({ kind: "hang", after: "start" });
    const leave = new AbortController();

    const answer = post(format.streamed(format.body("hi", 1000)), {
      ...asStream(format),
      signal: leave.signal,
    });
    await provider.reached(1);
    leave.abort();

    await expect(answer).rejects.toThrow(/terminated|aborted|fetch failed/);
    await provider.left(1);
    await expect.poll(() => account.report().calls.length).toBe(1);
    const [call] = account.report().calls;
    expect(call?.micros).toBe(call?.reserved.micros);
  });

  test("a stream that nobody counted costs what was reserved", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play(says("hello", { usage: null }));

    await post(format.streamed(format.body("hi", 1000)), asStream(format));

    const [call] = account.report().calls;
    expect(call).toMatchObject({ basis: "estimated", micros: call?.reserved.micros });
  });

  test("a packed stream is unpacked", async () => {
    const { account, post, provider } = await openShop(format);
    provider.play(says("hello", { usage: USED, packing: "gzip" }));

    const answer = await post(format.streamed(format.body("hi", 1000)), asStream(format));

    expect(answer.text).toContain("hel");
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(account.report().micros).toBe(800);
  });

  test("a huge answer comes through whole", async () => {
    const { account, post, provider } = await openShop(format);
    const text = "x".repeat(5_000_000);
    provider.play(says(text, { usage: USED }));

    const answer = await post(format.streamed(format.body("hi", 1000)), asStream(format));

    expect(answer.text.length).toBeGreaterThan(text.length);
    expect(account.report()).toMatchObject({ micros: 800 });
  });

  test("an answer above the limit of bytes is cut off", async () => {
    const { account, post, provider } = await openShop(format, { maxResponseBytes: 100_000 });
    provider.play(says("x".repeat(200_000), { usage: USED }));

    await expect(post(format.streamed(format.body("hi", 1000)), asStream(format))).rejects.toThrow(
      /terminated|aborted|fetch failed/,
    );

    await expect.poll(() => account.report().calls.length).toBe(1);
    const [call] = account.report().calls;
    expect(call?.micros).toBe(call?.reserved.micros);
  });
});

test("a stream that dies after it has told of more than was reserved costs what it has told", async () => {
  const [anthropic] = FORMATS;
  if (anthropic === undefined) throw new Error("no Anthropic");
  const { account, post, provider } = await openShop(anthropic);
  provider.play({ kind: "crash", after: "start", usage: { ...USED, inFresh: 500_000 } });

  await expect(post(anthropic.streamed(anthropic.body("hi", 1000)))).rejects.toThrow(
    /terminated|aborted|fetch failed/,
  );

  await expect.poll(() => account.report().calls.length).toBe(1);
  expect(account.report().micros).toBe(500_310);
  expect((await post(anthropic.body("again", 1000))).status).toBe(402);
});

test("that there will be a stream is known before its first event", async () => {
  const [anthropic] = FORMATS;
  if (anthropic === undefined) throw new Error("no Anthropic");
  const { account, provider, url } = await openShop(anthropic);
  provider.play({ kind: "hang", after: "headers" });

  const answer = await fetch(`${url}/v1/messages`, {
    method: "POST",
    body: JSON.stringify(anthropic.streamed(anthropic.body("hi", 1000))),
  });
  const end = answer.text();
  await account.close();

  expect(answer.status).toBe(200);
  await expect(end).rejects.toThrow("terminated");
});

/** Usage that only the gateway has asked for is not passed on. */
function withoutUsage(events: string): string {
  return events
    .split("\n\n")
    .filter((event) => !event.includes('"choices":[]'))
    .join("\n\n");
}

test("OpenAI is asked to count a stream, and what the client did not ask for is left out", async () => {
  const chat = FORMATS[1];
  if (chat === undefined) throw new Error("no chat");
  const { post, provider } = await openShop(chat);
  const body = { ...chat.body("hi", 100), stream: true };

  const without = await post(body);
  const asked = await post({ ...body, stream_options: { include_usage: true } });

  expect(provider.asked[0]?.body["stream_options"]).toEqual({ include_usage: true });
  expect(without.text).not.toContain("prompt_tokens");
  expect(without.text).toContain("[DONE]");
  expect(asked.text).toContain("prompt_tokens");
});

test("a stream of Gemini that is a list and no events is counted too", async () => {
  const gemini = FORMATS[3];
  if (gemini === undefined) throw new Error("no Gemini");
  const { account, post, provider } = await openShop(gemini);
  provider.play(says("hello", { usage: USED }));

  const answer = await post(gemini.body("hi", 1000), {
    path: "/v1beta/models/m:streamGenerateContent",
  });

  expect(answer.body).toHaveLength(2);
  expect(account.report()).toMatchObject({ micros: 800, calls: [{ basis: "metered" }] });
});
