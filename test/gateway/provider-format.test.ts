import { expect, test } from "vitest";
import { ANTHROPIC } from "#runner/gateway/anthropic.ts";
import { GEMINI } from "#runner/gateway/gemini.ts";
import type { JsonObject } from "#runner/core/json-object.ts";
import { OPENAI_CHAT } from "#runner/gateway/openai-chat.ts";
import { OPENAI_RESPONSES } from "#runner/gateway/openai-responses.ts";
import type { ProviderFormat } from "#runner/gateway/provider-format.ts";

test.each<[string, ProviderFormat, JsonObject, readonly number[]]>([
  [
    "Anthropic's input excludes the cache",
    ANTHROPIC,
    {
      input_tokens: 1,
      cache_read_input_tokens: 2,
      cache_creation_input_tokens: 4,
      output_tokens: 8,
    },
    [1, 2, 4, 8, 0],
  ],
  [
    "OpenAI's totals include the cache and the reasoning",
    OPENAI_CHAT,
    {
      prompt_tokens: 10,
      completion_tokens: 9,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 7 },
    },
    [5, 4, 1, 2, 7],
  ],
  [
    "more in the cache than in all is no negative rest",
    OPENAI_RESPONSES,
    { input_tokens: 10, output_tokens: 1, input_tokens_details: { cached_tokens: 40 } },
    [0, 40, 0, 1, 0],
  ],
  [
    "Gemini's candidates exclude the thoughts, its prompt what tools put in",
    GEMINI,
    {
      promptTokenCount: 10,
      cachedContentTokenCount: 4,
      candidatesTokenCount: 3,
      thoughtsTokenCount: 5,
      toolUsePromptTokenCount: 100,
    },
    [106, 4, 0, 3, 5],
  ],
])("%s", (_name, format, usage, [inFresh, cacheRead, cacheWrite, outText, reasoning]) => {
  expect(format.usageOf(usage)).toEqual({ inFresh, cacheRead, cacheWrite, outText, reasoning });
});

test.each<[ProviderFormat, JsonObject]>([
  [ANTHROPIC, { input_tokens: 0, output_tokens: 0 }],
  [ANTHROPIC, { input_tokens: -5, output_tokens: 5 }],
  [ANTHROPIC, { input_tokens: 5 }],
  [OPENAI_CHAT, { prompt_tokens: 0, completion_tokens: 5 }],
  [OPENAI_CHAT, { prompt_tokens: 1.5, completion_tokens: 5 }],
  [OPENAI_RESPONSES, { input_tokens: "5", output_tokens: 5 }],
  [OPENAI_RESPONSES, { input_tokens: 1e300, output_tokens: 5 }],
  [GEMINI, { candidatesTokenCount: 5 }],
  [GEMINI, { promptTokenCount: 0 }],
])("$1 counts nothing that can be believed", (format, usage) => {
  expect(format.usageOf(usage)).toBeUndefined();
});

test("a prompt that Gemini blocks is answered whole", () => {
  const blocked = { promptFeedback: { blockReason: "SAFETY" } };

  expect(GEMINI.inAnswer(blocked)).toMatchObject({ isEnd: true });
});
