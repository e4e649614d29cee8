/** Anthropic messages, as https://docs.anthropic.com/en/api/messages and .../streaming describe them. */
import { inputTokens, type TokenUsage } from "#runner/core/money/token-usage.ts";
import { limitProblem, smallestLimit } from "./asked-limit.ts";
import { unmeteredPart } from "./attachment.ts";
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";
import { countAt, objectAt, parseJson, textAt } from "./json-value.ts";
import { type Refusal, statusOf } from "./refusal.ts";
import { OWN_PRICE, type PricedField, surcharge } from "./surcharge.ts";
import { foreignTool, foreignToolProblem } from "./tool-kinds.ts";
import type { Reading, Route, Seen, ProviderFormat } from "./provider-format.ts";

export const ANTHROPIC: ProviderFormat = {
  providers: ["anthropic"],
  route,
  read,
  limited: (body, maxOutput) => ({ ...body, max_tokens: maxOutput }),
  inAnswer: (answer) => ({
    model: textAt(answer, "model"),
    usage: objectAt(answer, "usage"),
    isEnd: true,
  }),
  inEvent,
  usageOf,
  models: (names) => ({
    data: names.map((id) => ({ type: "model", id, display_name: id })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  errorBody: (refusal) => ({
    type: "error",
    error: { type: errorType(refusal), message: refusal.message },
  }),
  keyHeader: (key) =>
    key.startsWith("sk-ant-oat") ? ["authorization", `Bearer ${key}`] : ["x-api-key", key],
};

function route(method: string, path: string): Route | undefined {
  if (method === "POST" && path === "/v1/messages") return { kind: "generate", path };
  if (method === "POST" && path === "/v1/messages/count_tokens") return { kind: "count", path };
  return method === "GET" && path === "/v1/models" ? { kind: "models" } : undefined;
}

function read(body: JsonObject): Reading {
  const problem = problemOf(body);
  if (problem !== undefined) return { ok: false, problem };
  const { max_tokens: limit, stream, thinking } = body;
  return {
    ok: true,
    asked: {
      model: textAt(body, "model") ?? "",
      isStream: stream === true,
      maxOutput: smallestLimit([limit]),
      thinking: countAt(thinking, "budget_tokens") ?? 0,
    },
  };
}

const PRICED_FIELDS: readonly PricedField[] = [
  { field: "service_tier", harmless: ["auto", "standard_only"], problem: OWN_PRICE },
  { field: "speed", harmless: ["standard"], problem: OWN_PRICE },
  { field: "inference_geo", harmless: ["global"], problem: OWN_PRICE },
  { field: "container", harmless: [], problem: OWN_PRICE },
  { field: "context_management", harmless: [{ edits: [] }], problem: "asks again, uncounted" },
  { field: "mcp_servers", harmless: [[]], problem: "are asked by the provider, unmetered" },
];

function problemOf(body: JsonObject): string | undefined {
  const tool = foreignTool(body["tools"], isOwnTool);
  if (tool !== undefined) return foreignToolProblem(tool);
  if (hasLongCache(body)) return `cache_control with ttl "1h" ${OWN_PRICE}`;
  return (
    limitProblem("max_tokens", body["max_tokens"]) ??
    surcharge(body, PRICED_FIELDS) ??
    unmeteredPart(body["messages"]) ??
    unmeteredPart(body["system"])
  );
}

/** An hour in the cache costs more than five minutes, and the two are counted in one bucket. */
function hasLongCache(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasLongCache);
  if (!isJsonObject(value)) return false;
  const ttl = textAt(value["cache_control"], "ttl");
  return (ttl !== undefined && ttl !== "5m") || Object.values(value).some(hasLongCache);
}

function isOwnTool(kind: string | undefined): boolean {
  return (
    kind === undefined ||
    kind === "custom" ||
    /^(?:bash|text_editor|computer|memory)_\d+$/u.test(kind)
  );
}

function inEvent(data: string): Seen {
  const event = parseJson(data);
  const type = textAt(event, "type");
  if (type === "message_start") {
    const message = objectAt(event, "message");
    return { model: textAt(message, "model"), usage: objectAt(message, "usage") };
  }
  if (type === "message_delta") return { usage: objectAt(event, "usage") };
  return { isEnd: type === "message_stop" };
}

/** Its input tokens exclude the cache; thinking is part of the output and not told apart. */
function usageOf(usage: JsonObject): TokenUsage | undefined {
  const outText = countAt(usage, "output_tokens");
  const inFresh = countAt(usage, "input_tokens");
  if (outText === undefined || inFresh === undefined) return undefined;
  const counted = {
    inFresh,
    cacheRead: countAt(usage, "cache_read_input_tokens") ?? 0,
    cacheWrite: countAt(usage, "cache_creation_input_tokens") ?? 0,
    outText,
    reasoning: 0,
  };
  return inputTokens(counted) === 0 ? undefined : counted;
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  502: "api_error",
};

function errorType(refusal: Refusal): string {
  return ERROR_TYPES[statusOf(refusal)] ?? "invalid_request_error";
}
