import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "vitest";
import { FORMATS, openShop, REAL_KEY, type Format } from "./client.ts";

const [ANTHROPIC, CHAT, RESPONSES, GEMINI] = FORMATS;
if (!ANTHROPIC || !CHAT || !RESPONSES || !GEMINI) throw new Error("a format is missing");

describe.each(FORMATS)("$name", (format) => {
  const body = JSON.stringify(format.body("hi", 100));

  test.each([
    ["authorization", (token: string) => `Bearer ${token}`],
    ["x-api-key", (token: string) => token],
    ["x-goog-api-key", (token: string) => token],
  ])("the key alone, in %s, tells whose request it is", async (header, value) => {
    const { account, url, provider } = await openShop(format);
    const path = `${format.provider === "openai" ? "/v1" : ""}${format.path}`;

    const answer = await fetch(`${new URL(url).origin}${path}`, {
      method: "POST",
      headers: { [header]: value(account.token) },
      body,
    });

    expect(answer.status).toBe(200);
    expect(provider.asked).toHaveLength(1);
    expect(account.report().micros).toBe(300);
  });

  test("the base URL alone tells it too", async () => {
    const { account, url } = await openShop(format);

    const answer = await fetch(`${url}${format.path}`, { method: "POST", body });

    expect(answer.status).toBe(200);
    expect(account.report().micros).toBe(300);
  });

  test("a wrong key is turned away, whatever the base URL", async () => {
    const { post, provider } = await openShop(format);

    const answer = await post(body, { headers: { "x-api-key": "fettle-guessed" } });

    expect(answer.status).toBe(401);
    expect(format.message(answer.body)).toContain("no attempt under way has this key");
    expect(provider.asked).toEqual([]);
  });

  test("a model that the attempt may not ask is refused", async () => {
    const { account, post, provider } = await openShop(format, {
      upstream: { model: "other", models: ["third"] },
    });

    const answer = await post(body);

    expect(answer.status).toBe(403);
    expect(format.message(answer.body)).toContain(
      "may not ask the model m; it may ask other, third",
    );
    expect(account.report().refusals).toMatchObject([{ reason: "model-not-allowed", model: "m" }]);
    expect(provider.asked).toEqual([]);
  });

  test("a further model that is allowed is asked", async () => {
    const { post } = await openShop(format, { upstream: { model: "other", models: ["m"] } });

    expect((await post(body)).status).toBe(200);
  });

  test("a body that is no JSON object is refused", async () => {
    const { post, provider } = await openShop(format);

    for (const broken of ["", "{", "[]", "null"]) {
      const answer = await post(broken);
      expect(answer.status).toBe(400);
      expect(format.message(answer.body)).toContain("is no JSON object");
    }
    expect(provider.asked).toEqual([]);
  });

  test("a body that is too large is refused", async () => {
    const { account, post, provider } = await openShop(format, { maxRequestBytes: 1000 });

    const answer = await post(format.body("x".repeat(2000), 100));

    expect(answer.status).toBe(413);
    expect(account.report().refusals).toMatchObject([{ reason: "too-large" }]);
    expect(provider.asked).toEqual([]);
  });
});

test("a name that only points to the loopback is turned away, and no page may read an answer", async () => {
  const { account, url } = await openShop(CHAT);
  const { port, pathname } = new URL(url);
  const ask = async (host: string): Promise<unknown> => {
    const sent = request({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: `${pathname}/chat/completions`,
      headers: { host, origin: "http://evil.example", "x-api-key": account.token },
    });
    sent.end(JSON.stringify(CHAT.body("hi", 100)));
    const [answer]: readonly IncomingMessage[] = await once(sent, "response");
    answer?.resume();
    return { status: answer?.statusCode, cors: answer?.headers["access-control-allow-origin"] };
  };

  expect(await ask(`evil.example:${port}`)).toEqual({ status: 401, cors: undefined });
  expect(await ask(`localhost:${port}`)).toEqual({ status: 200, cors: undefined });
});

test("an address that cannot be read is turned away", async () => {
  const { account, url } = await openShop(CHAT);
  const { origin, pathname } = new URL(url);

  const odd = await fetch(`${origin}${pathname.replace("main", "%zz")}/chat/completions`);

  expect(odd.status).toBe(404);
  expect(account.report().refusals).toMatchObject([{ reason: "unknown-path" }]);
});

test("the gateway listens on the loopback alone", async () => {
  const { url } = await openShop(CHAT);

  expect(new URL(url).hostname).toBe("127.0.0.1");
});

test.each<[Format, string]>([
  [CHAT, "/embeddings"],
  [CHAT, "/images/generations"],
  [CHAT, "/audio/speech"],
  [CHAT, "/batches"],
  [CHAT, "/files"],
  [CHAT, "/completions"],
  [CHAT, "/../v1/embeddings"],
  [RESPONSES, "/responses/compact"],
  [RESPONSES, "/responses/resp_1/cancel"],
  [ANTHROPIC, "/v1/messages/batches"],
  [ANTHROPIC, "/v1/files"],
  [ANTHROPIC, "/v1/complete"],
  [ANTHROPIC, "/v1/chat/completions"],
  [GEMINI, "/v1beta/models/m:embedContent"],
  [GEMINI, "/v1beta/models/m:predict"],
  [GEMINI, "/v1beta/models/m/x:generateContent"],
  [GEMINI, "/v1beta/cachedContents"],
  [GEMINI, "/v1beta/models/%zz:generateContent"],
])("$name: %s is not passed on", async (format, path) => {
  const { account, post, provider } = await openShop(format);

  const answer = await post(format.body("hi", 100), { path });

  expect(answer.status).toBe(404);
  expect(format.message(answer.body)).toContain("is not passed on");
  expect(account.report().refusals).toMatchObject([{ reason: "unknown-path" }]);
  expect(provider.asked).toEqual([]);
});

const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } };
const told = (...content: readonly object[]): readonly object[] => [{ role: "user", content }];

test.each<[Format, string, object]>([
  [CHAT, "n above 1", { n: 2 }],
  [CHAT, "service_tier", { service_tier: "priority" }],
  [CHAT, "web_search_options", { web_search_options: {} }],
  [CHAT, "modalities", { modalities: ["text", "audio"] }],
  [CHAT, "the tool web_search", { tools: [{ type: "web_search" }] }],
  [CHAT, "sound", { messages: told({ type: "input_audio", input_audio: { data: "aGk=" } }) }],
  [CHAT, "names content", { messages: told({ type: "file", file: { file_id: "f" } }) }],
  [CHAT, "max_tokens must be", { max_tokens: -1 }],
  [CHAT, "models", { models: ["dear/model"] }],
  [CHAT, "plugins", { plugins: [{ id: "web" }] }],
  [CHAT, "search_parameters", { search_parameters: {} }],
  [CHAT, "enable_search", { enable_search: true }],
  [CHAT, "best_of", { best_of: 20 }],
  [CHAT, "names content", { messages: told({ type: "video_url", video_url: { url: "x" } }) }],
  [RESPONSES, "context_management", { context_management: [{ type: "compaction" }] }],
  [RESPONSES, "names content", { input: [{ id: "msg_1" }] }],
  [RESPONSES, "names content", { input: [{ id: "msg_1", type: null }] }],
  [RESPONSES, "names content", { input: [{ type: "reasoning", id: "rs_1", summary: [] }] }],
  [RESPONSES, "names content", { input: [{ type: "image_generation_call", id: "i" }] }],
  [
    RESPONSES,
    "names content",
    { input: [{ type: "computer_call_output", output: { file_id: "f" } }] },
  ],
  [
    RESPONSES,
    "names content",
    {
      input: [
        {
          type: "function_call_output",
          content: [],
          output: [{ type: "input_file", file_url: "http://x" }],
        },
      ],
    },
  ],
  [ANTHROPIC, "context_management", { context_management: { edits: [{ type: "compact_1" }] } }],
  [
    ANTHROPIC,
    "names content",
    {
      messages: told({
        type: "document",
        source: { type: "content", content: [{ ...image, source: { type: "file" } }] },
      }),
    },
  ],
  [
    GEMINI,
    "names content",
    {
      contents: [{ parts: [{ function_response: { parts: [{ file_data: { file_uri: "x" } }] } }] }],
    },
  ],
  [
    GEMINI,
    "sound",
    { contents: [{ parts: [{ inlineData: { mimeType: "Audio/MP3", data: "" } }] }] },
  ],
  [CHAT, "max_completion_tokens must be", { max_completion_tokens: 1.5 }],
  [RESPONSES, "background", { background: true }],
  [RESPONSES, "previous_response_id", { previous_response_id: "resp_1" }],
  [RESPONSES, "conversation", { conversation: "c" }],
  [RESPONSES, "the tool code_interpreter", { tools: [{ type: "code_interpreter" }] }],
  [RESPONSES, "the tool mcp", { tools: [{ type: "function" }, { type: "mcp" }] }],
  [RESPONSES, "names content", { input: [{ type: "item_reference", id: "i" }] }],
  [RESPONSES, "names content", { input: told({ type: "input_file", file_url: "http://x" }) }],
  [RESPONSES, "service_tier", { service_tier: "flex" }],
  [ANTHROPIC, "the tool web_search_20250305", { tools: [{ type: "web_search_20250305" }] }],
  [ANTHROPIC, "the tool code_execution_20250825", { tools: [{ type: "code_execution_20250825" }] }],
  [ANTHROPIC, "mcp_servers", { mcp_servers: [{ url: "http://x" }] }],
  [ANTHROPIC, "speed", { speed: "fast" }],
  [ANTHROPIC, "inference_geo", { inference_geo: "us" }],
  [ANTHROPIC, 'ttl "1h"', { system: [{ type: "text", cache_control: { ttl: "1h" } }] }],
  [ANTHROPIC, "names content", { messages: told({ type: "document", source: { type: "url" } }) }],
  [
    ANTHROPIC,
    "names content",
    { messages: told({ type: "tool_result", content: [{ ...image, source: { type: "file" } }] }) },
  ],
  [ANTHROPIC, "max_tokens must be", { max_tokens: "many" }],
  [GEMINI, "candidateCount", { generationConfig: { candidateCount: 2 } }],
  [GEMINI, "generation_config", { generation_config: { max_output_tokens: 1e6 } }],
  [GEMINI, "max_output_tokens", { generationConfig: { max_output_tokens: 1e6 } }],
  [GEMINI, "the tool googleSearch", { tools: [{ googleSearch: {} }] }],
  [GEMINI, "the tool codeExecution", { tools: { functionDeclarations: [], codeExecution: {} } }],
  [GEMINI, "cachedContent", { cachedContent: "cachedContents/x" }],
  [GEMINI, "responseModalities", { generationConfig: { responseModalities: ["IMAGE"] } }],
  [GEMINI, "names content", { systemInstruction: { parts: [{ fileData: { fileUri: "x" } }] } }],
  [GEMINI, "names content", { system_instruction: { parts: [{ file_data: { file_uri: "x" } }] } }],
  [GEMINI, "names content", { contents: [{ parts: [{ fileData: { fileUri: "x" } }] }] }],
  [
    GEMINI,
    "sound",
    { contents: [{ parts: [{ inlineData: { mimeType: "audio/mp3", data: "" } }] }] },
  ],
])("$name: %s is not metered and refused", async (format, problem, more) => {
  const { account, post, provider } = await openShop(format);

  const answer = await post({ ...format.body("hi"), ...more });

  expect(answer.status).toBe(400);
  expect(format.message(answer.body)).toContain(problem);
  expect(account.report().refusals).toMatchObject([{ reason: "not-metered" }]);
  expect(provider.asked).toEqual([]);
});

test.each<[Format, object]>([
  [CHAT, { n: 1, service_tier: "auto", tools: [{ type: "function", function: { name: "f" } }] }],
  [RESPONSES, { input: [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "x" }] }],
  [RESPONSES, { background: false, previous_response_id: null, tools: [{ type: "function" }] }],
  [ANTHROPIC, { service_tier: "auto", tools: [{ name: "f" }, { type: "bash_20250124" }] }],
  [ANTHROPIC, { messages: told({ type: "tool_use", input: { file_id: "x", type: "file" } }) }],
  [GEMINI, { generationConfig: { candidateCount: 1 }, tools: [{ functionDeclarations: [] }] }],
])("$name: what changes no price goes through as it is", async (format, more) => {
  const { post, provider } = await openShop(format);

  const answer = await post({ ...format.body("hi"), ...more });

  expect(answer.status).toBe(200);
  const { generationConfig: _limited, ...rest } = { generationConfig: null, ...more };
  expect(provider.asked[0]?.body).toMatchObject(rest);
});

test.each<[Format, object]>([
  [ANTHROPIC, { messages: told({ type: "tool_use", id: "t", name: "f", input: dressed() }) }],
  [GEMINI, { contents: [{ parts: [{ functionResponse: { name: "f", response: dressed() } }] }] }],
  [CHAT, { tools: [{ type: "function", function: { name: "f", parameters: dressed() } }] }],
])(
  "$name: text that looks like a picture counts as text where it is no picture",
  async (format, more) => {
    const { account, post } = await openShop(format);

    await post({ ...format.body("hi", 100), ...more });

    expect(account.report().calls[0]?.inputEstimate).toBeGreaterThan(20_000);
  },
);

function dressed(): object {
  const data = "many words ".repeat(10_000);
  return { mimeType: "image/png", media_type: "image/png", data, image_url: `data:image/${data}` };
}

test("a budget for thinking that is no number to reckon with freezes nothing", async () => {
  const { account, url } = await openShop(ANTHROPIC, { upstream: { price: "zero" } });
  const { max_tokens: _limit, ...asked } = { max_tokens: 1, ...ANTHROPIC.body("hi") };
  const thinking = '"thinking":{"type":"enabled","budget_tokens":8999999999999999.0}';

  const answer = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": account.token, "content-type": "application/json" },
    body: `${JSON.stringify(asked).slice(0, -1)},${thinking}}`,
  });

  expect(answer.status).toBe(200);
});

test("a server that speaks the old format is told the limit in both words", async () => {
  const { post, provider } = await openShop(CHAT, {
    upstream: { provider: "openai-compatible" },
  });

  await post({ ...CHAT.body("hi"), max_tokens: undefined, max_completion_tokens: 10 });

  expect(provider.asked[0]?.body).toMatchObject({ max_tokens: 10, max_completion_tokens: 10 });
});

test("an image counts for what it shows and not for its bytes", async () => {
  const { account, post } = await openShop(ANTHROPIC);
  const data = "a".repeat(1_000_000);

  const content = { ...image, source: { ...image.source, data } };
  await post({ ...ANTHROPIC.body("hi", 100), messages: told(content) });

  const [call] = account.report().calls;
  expect(call?.inputEstimate).toBeGreaterThan(6000);
  expect(call?.inputEstimate).toBeLessThan(7000);
});

test.each<[Format, string]>([
  [ANTHROPIC, "/v1/models"],
  [CHAT, "/models"],
  [GEMINI, "/v1beta/models"],
])("$name: the models of the attempt are listed without asking anybody", async (format, path) => {
  const { account, url, provider } = await openShop(format, { upstream: { models: ["n"] } });

  const answer = await fetch(`${url}${path}`, { headers: { "x-api-key": account.token } });

  expect(answer.status).toBe(200);
  expect(await answer.text()).toMatch(/"(?:models\/)?m".*"(?:models\/)?n"/);
  expect(provider.asked).toEqual([]);
});

test.each<[Format, string, object]>([
  [ANTHROPIC, "/v1/messages/count_tokens", { model: "m", messages: [] }],
  [GEMINI, "/v1beta/models/m:countTokens", { contents: [] }],
])("$name: tokens are counted by the provider, for nothing", async (format, path, body) => {
  const { account, post, provider } = await openShop(format, { provider: { key: REAL_KEY } });

  const answer = await post(body, { path });

  expect(answer.status).toBe(200);
  expect(answer.text).toContain("42");
  expect(provider.asked[0]?.headers[format.keyHeader]).toBe(REAL_KEY);
  expect(account.report()).toMatchObject({ micros: 0, requests: 0, calls: [] });
  const other = await post({ ...body, model: "x" }, { path: path.replace("models/m", "models/x") });
  expect(other.status).toBe(403);
});
