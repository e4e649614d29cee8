/** What the gateway can count goes through, and what it cannot is refused. */
import { expect, test } from "vitest";
import { FORMATS, openShop, type Format } from "./client.ts";

const [ANTHROPIC, CHAT, RESPONSES, GEMINI] = FORMATS;
if (!ANTHROPIC || !CHAT || !RESPONSES || !GEMINI) throw new Error("a format is missing");

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
