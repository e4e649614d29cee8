import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, isStepCount, jsonSchema, Output, streamText, tool } from "ai";
import { expect, test } from "vitest";
import { calls, fails, says } from "../support/provider/scene.ts";
import { FORMATS, openShop, type Shop, type ShopOptions } from "./client.ts";

const [, CHAT] = FORMATS;
if (!CHAT) throw new Error("no chat");
const FORMAT = { ...CHAT, provider: "openai-compatible" as const };

async function openClient(options: ShopOptions = {}) {
  const shop: Shop = await openShop(FORMAT, options);
  const provider = createOpenAICompatible({
    name: "gateway",
    baseURL: shop.url,
    apiKey: shop.account.token,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  return { ...shop, model: provider("m") };
}

const schema = jsonSchema<{ readonly title: string }>({
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
});

test("the AI SDK gets a text with its usage", async () => {
  const { model, account } = await openClient();

  const { text, usage } = await generateText({ model, prompt: "hi", maxRetries: 0 });

  expect(text).toBe("hello");
  expect(usage).toMatchObject({ inputTokens: 100, outputTokens: 20 });
  expect(account.report().micros).toBe(300);
});

test("the AI SDK gets structured output", async () => {
  const { model, provider } = await openClient();
  provider.play(says('{"title":"x"}'));

  const { output } = await generateText({
    model,
    prompt: "hi",
    output: Output.object({ schema }),
    maxRetries: 0,
  });

  expect(output).toEqual({ title: "x" });
  expect(provider.asked[0]?.body["response_format"]).toMatchObject({ type: "json_schema" });
});

test("the AI SDK calls tools in a loop, each turn metered", async () => {
  const { model, account, provider } = await openClient();
  provider.play(calls("add", { a: 1, b: 2 }), says("three"));
  const add = tool({
    inputSchema: jsonSchema<{ readonly a: number; readonly b: number }>({ type: "object" }),
    execute: ({ a, b }) => Promise.resolve(a + b),
  });

  const { text } = await generateText({
    model,
    prompt: "hi",
    tools: { add },
    stopWhen: isStepCount(5),
    maxRetries: 0,
  });

  expect(text).toBe("three");
  expect(account.report()).toMatchObject({ micros: 600, requests: 2 });
  expect(provider.asked[1]?.text).toContain('"content":"3"');
});

test("a loop of tools without end is ended by the cap on requests", async () => {
  const { model, account, provider } = await openClient({
    grant: { micros: 1_000_000, requests: 3 },
  });
  provider.play(calls("again"));
  const again = tool({
    inputSchema: jsonSchema({ type: "object" }),
    execute: () => Promise.resolve("once more"),
  });

  const ended = generateText({
    model,
    prompt: "hi",
    tools: { again },
    stopWhen: isStepCount(100),
    maxRetries: 0,
  });

  await expect(ended).rejects.toThrow("this attempt may make 3 requests");
  expect(provider.asked).toHaveLength(3);
  expect(account.report().refusals).toMatchObject([{ reason: "requests" }]);
});

test("the AI SDK reads a stream", async () => {
  const { model, account } = await openClient();

  const { textStream, usage } = streamText({ model, prompt: "hi", maxRetries: 0 });
  const parts: string[] = [];
  for await (const part of textStream) parts.push(part);

  expect(parts.join("")).toBe("hello");
  expect(await usage).toMatchObject({ inputTokens: 100, outputTokens: 20 });
  expect(account.report().micros).toBe(300);
});

test.each([
  ["money that is used up", { grant: { micros: 10 } }, 402, "the money of this attempt"],
  ["a model without a price", { upstream: { price: null } }, 402, "nobody knows what m costs"],
  ["a model that is not allowed", { upstream: { model: "n" } }, 403, "may not ask the model m"],
] as const)(
  "the AI SDK understands %s and does not try again",
  async (_name, options, status, message) => {
    const { model, provider } = await openClient(options);

    const error: unknown = await generateText({ model, prompt: "hi" }).catch(
      (reason: unknown) => reason,
    );

    expect(error).toBeInstanceOf(APICallError);
    expect(error).toMatchObject({ statusCode: status, isRetryable: false });
    expect(String(error)).toContain(message);
    expect(provider.asked).toEqual([]);
  },
);

test("the AI SDK sees the provider's own errors", async () => {
  const { model, provider } = await openClient();
  provider.play(fails(400, "maximum context length is 10 tokens"));

  await expect(generateText({ model, prompt: "hi", maxRetries: 0 })).rejects.toThrow(
    "maximum context length",
  );
});
