/** OpenAI chat completions, as https://platform.openai.com/docs/api-reference/chat describes them, and servers that speak the same. */
import { limitProblem, smallestLimit } from "./asked-limit.ts";
import { unmeteredPart } from "./attachment.ts";
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";
import { listAt, objectAt, parseJson, textAt } from "./json-value.ts";
import { bearer, openAiError, openAiModels, openAiUsage, TIER } from "./openai.ts";
import { OWN_PRICE, type PricedField, surcharge } from "./surcharge.ts";
import { foreignTool, foreignToolProblem } from "./tool-kinds.ts";
import type { ProviderKind, Reading, Route, Seen, ProviderFormat } from "./provider-format.ts";

export const OPENAI_CHAT: ProviderFormat = {
  providers: ["openai", "openai-compatible"],
  route,
  read,
  limited,
  inAnswer: (answer) => ({
    model: textAt(answer, "model"),
    usage: objectAt(answer, "usage"),
    isEnd: true,
  }),
  inEvent,
  usageOf: (usage) => openAiUsage(usage, { input: "prompt", output: "completion" }),
  models: openAiModels,
  errorBody: openAiError,
  keyHeader: bearer,
};

function route(method: string, path: string): Route | undefined {
  const own = path.replace(/^\/v1(?=\/)/u, "");
  if (method === "POST" && own === "/chat/completions") return { kind: "generate", path: own };
  return method === "GET" && own === "/models" ? { kind: "models" } : undefined;
}

function read(body: JsonObject): Reading {
  const { max_tokens: old, max_completion_tokens: limit } = body;
  const problem =
    limitProblem("max_tokens", old) ??
    limitProblem("max_completion_tokens", limit) ??
    problemOf(body);
  if (problem !== undefined) return { ok: false, problem };
  return {
    ok: true,
    asked: {
      model: textAt(body, "model") ?? "",
      isStream: body["stream"] === true,
      maxOutput: smallestLimit([old, limit]),
      thinking: 0,
    },
  };
}

const PRICED_FIELDS: readonly PricedField[] = [
  TIER,
  { field: "n", harmless: [1], problem: "above 1 multiplies the price" },
  { field: "modalities", harmless: [["text"]], problem: "beside text are not metered" },
  { field: "audio", harmless: [], problem: OWN_PRICE },
  { field: "web_search_options", harmless: [], problem: OWN_PRICE },
  { field: "models", harmless: [[]], problem: "lets the server choose a dearer one" },
  { field: "route", harmless: [], problem: "lets the server choose a dearer one" },
  { field: "plugins", harmless: [[]], problem: OWN_PRICE },
  { field: "search_parameters", harmless: [], problem: OWN_PRICE },
  { field: "enable_search", harmless: [false], problem: OWN_PRICE },
  { field: "best_of", harmless: [1], problem: "above 1 multiplies the price" },
  { field: "prediction", harmless: [], problem: "is paid for beyond the limit of the answer" },
];

function problemOf(body: JsonObject): string | undefined {
  const tool = foreignTool(body["tools"], (kind) => kind === "function" || kind === "custom");
  if (tool !== undefined) return foreignToolProblem(tool);
  return surcharge(body, PRICED_FIELDS) ?? unmeteredPart(body["messages"]);
}

/** OpenAI's newer models refuse the old name of the limit; other servers may not know the new one, so they get the old one always. */
function limited(body: JsonObject, maxOutput: number, provider: ProviderKind): JsonObject {
  const old = body["max_tokens"] ?? undefined;
  const current = body["max_completion_tokens"] ?? undefined;
  const isNew = provider === "openai" && old === undefined;
  const isBoth = provider !== "openai" && current !== undefined;
  const { max_tokens: _old, max_completion_tokens: _current, ...rest } = body;
  return {
    ...rest,
    [isNew ? "max_completion_tokens" : "max_tokens"]: maxOutput,
    ...(isBoth && { max_completion_tokens: maxOutput }),
    ...(body["stream"] === true && {
      stream_options: { ...objectAt(body, "stream_options"), include_usage: true },
    }),
  };
}

function inEvent(data: string, body: JsonObject): Seen {
  if (data.trim() === "[DONE]") return { isEnd: true };
  const chunk = parseJson(data);
  const choices = listAt(chunk, "choices");
  const usage = isJsonObject(chunk) && isJsonObject(chunk["usage"]) ? chunk["usage"] : undefined;
  const wanted = objectAt(body, "stream_options")["include_usage"] === true;
  return {
    model: textAt(chunk, "model"),
    ...(usage !== undefined && { usage }),
    isEnd: choices.some((choice) => textAt(choice, "finish_reason") !== undefined),
    isExtra: usage !== undefined && choices.length === 0 && !wanted,
  };
}
