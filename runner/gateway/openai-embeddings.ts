/** OpenAI embeddings, as https://platform.openai.com/docs/api-reference/embeddings describes them: an answer of numbers, paid by its input. */
import type { JsonObject } from "#runner/core/json-object.ts";
import { countAt, objectAt, textAt } from "./json-value.ts";
import { bearer, openAiError, openAiModels } from "./openai.ts";
import type { ProviderFormat, Reading, Route } from "./provider-format.ts";
import { NO_TOKENS, type TokenUsage } from "#runner/core/money/token-usage.ts";

export const OPENAI_EMBEDDINGS: ProviderFormat = {
  providers: ["openai", "openai-compatible"],
  route,
  read,
  limited: (body) => body,
  inAnswer: (answer) => ({
    model: textAt(answer, "model"),
    usage: objectAt(answer, "usage"),
    isEnd: true,
  }),
  inEvent: () => ({}),
  usageOf,
  models: openAiModels,
  errorBody: openAiError,
  keyHeader: bearer,
};

function route(method: string, path: string): Route | undefined {
  const own = path.replace(/^\/v1(?=\/)/u, "");
  return method === "POST" && own === "/embeddings" ? { kind: "generate", path: own } : undefined;
}

/** It writes no token. */
function read(body: JsonObject): Reading {
  return {
    ok: true,
    asked: { model: textAt(body, "model") ?? "", isStream: false, maxOutput: 0, thinking: 0 },
  };
}

function usageOf(usage: JsonObject): TokenUsage | undefined {
  const total = countAt(usage, "prompt_tokens") ?? countAt(usage, "total_tokens");
  return total === undefined || total === 0 ? undefined : { ...NO_TOKENS, inFresh: total };
}
