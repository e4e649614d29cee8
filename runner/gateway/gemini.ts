/** Gemini generateContent and streamGenerateContent, as https://ai.google.dev/api/generate-content describes them. */
import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { limitProblem, smallestLimit } from "./asked-limit.ts";
import { unmeteredPart } from "./attachment.ts";
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";
import { countAt, listAt, objectAt, parseJson, textAt } from "./json-value.ts";
import { type Refusal, statusOf } from "./refusal.ts";
import { OWN_PRICE, type PricedField, surcharge } from "./surcharge.ts";
import { foreignToolProblem } from "./tool-kinds.ts";
import type { GenerateRoute, Reading, Route, Seen, ProviderFormat } from "./provider-format.ts";

export const GEMINI: ProviderFormat = {
  providers: ["google"],
  route,
  read,
  limited: (body, maxOutput) => ({
    ...body,
    generationConfig: { ...objectAt(body, "generationConfig"), maxOutputTokens: maxOutput },
  }),
  inAnswer: seenIn,
  inEvent: (data) => seenIn(parseJson(data)),
  usageOf,
  models: (names) => ({
    models: names.map((name) => ({
      name: `models/${name}`,
      displayName: name,
      supportedGenerationMethods: ["generateContent", "countTokens"],
    })),
  }),
  errorBody,
  keyHeader: (key) => ["x-goog-api-key", key],
};

const MODELS = /^\/v1(?:beta)?\/models$/u;
const METHOD =
  /^\/(?<base>(?:v1|v1beta)\/models\/(?<model>[\w.-]+)):(?<verb>generateContent|streamGenerateContent|countTokens)$/u;

function route(method: string, path: string, query: URLSearchParams): Route | undefined {
  if (method === "GET") return MODELS.test(path) ? { kind: "models" } : undefined;
  const found = method === "POST" ? METHOD.exec(path)?.groups : undefined;
  return found === undefined ? undefined : routeOf(found, eventsIn(query));
}

function routeOf(
  { base = "", model = "", verb = "" }: Readonly<Partial<Record<string, string>>>,
  query: string,
): Route {
  const path = `/${base}:${verb}${query}`;
  return verb === "countTokens"
    ? { kind: "count", path, model }
    : { kind: "generate", path, model, isStream: verb === "streamGenerateContent" };
}

/** All of the query that means something; the key, for one, does not. */
function eventsIn(query: URLSearchParams): string {
  return query.get("alt") === "sse" ? "?alt=sse" : "";
}

const PRICED_FIELDS: readonly PricedField[] = [
  { field: "serviceTier", harmless: ["standard"], problem: OWN_PRICE },
  { field: "service_tier", harmless: ["standard"], problem: OWN_PRICE },
  { field: "cachedContent", harmless: [], problem: "is stored for a price of its own" },
  { field: "cached_content", harmless: [], problem: "is stored for a price of its own" },
  // Google takes both spellings; where both are sent, nobody knows which holds.
  { field: "generation_config", harmless: [], problem: "is to be spelled generationConfig" },
];

const PRICED_SETTINGS: readonly PricedField[] = [
  { field: "candidateCount", harmless: [1], problem: "above 1 multiplies the price" },
  { field: "candidate_count", harmless: [1], problem: "above 1 multiplies the price" },
  { field: "max_output_tokens", harmless: [], problem: "is to be spelled maxOutputTokens" },
  { field: "responseModalities", harmless: [["TEXT"]], problem: "beside text are not metered" },
  { field: "response_modalities", harmless: [["TEXT"]], problem: "beside text are not metered" },
  { field: "speechConfig", harmless: [], problem: OWN_PRICE },
  { field: "imageConfig", harmless: [], problem: OWN_PRICE },
];

const OWN_TOOLS = new Set(["functionDeclarations", "function_declarations"]);

function read(body: JsonObject, { model = "", isStream = false }: GenerateRoute): Reading {
  const settings = objectAt(body, "generationConfig");
  const { maxOutputTokens } = settings;
  const problem =
    limitProblem("maxOutputTokens", maxOutputTokens) ??
    surcharge(body, PRICED_FIELDS) ??
    surcharge(settings, PRICED_SETTINGS) ??
    toolProblem(body) ??
    [body["contents"], body["systemInstruction"], body["system_instruction"]]
      .map(unmeteredPart)
      .find((found) => found !== undefined);
  if (problem !== undefined) return { ok: false, problem };
  const maxOutput = smallestLimit([maxOutputTokens]);
  return { ok: true, asked: { model, isStream, maxOutput, thinking: 0 } };
}

/** A tool is an object with one key for each kind that it holds; the list may be left out around a single one. */
function toolProblem(body: JsonObject): string | undefined {
  const tools = Array.isArray(body["tools"]) ? listAt(body, "tools") : [body["tools"] ?? {}];
  const kinds = tools.flatMap((tool) =>
    isJsonObject(tool) ? Object.keys(tool) : ["that is no object"],
  );
  const foreign = kinds.find((kind) => !OWN_TOOLS.has(kind));
  return foreign === undefined ? undefined : foreignToolProblem(foreign);
}

/** Each event holds what was used so far. */
function seenIn(answer: unknown): Seen {
  const usage = objectAt(answer, "usageMetadata");
  return {
    model: textAt(answer, "modelVersion"),
    ...(Object.keys(usage).length > 0 && { usage }),
    isEnd: isLast(answer),
  };
}

/** A prompt that is blocked has no candidates. */
function isLast(answer: unknown): boolean {
  const reasons = listAt(answer, "candidates").map((one) => textAt(one, "finishReason"));
  const block = textAt(objectAt(answer, "promptFeedback"), "blockReason");
  return block !== undefined || reasons.some((reason) => reason !== undefined);
}

/** Its prompt includes the cache, and excludes what tools put in; its candidates exclude the thoughts. */
function usageOf(usage: JsonObject): TokenUsage | undefined {
  const prompt = countAt(usage, "promptTokenCount");
  if (prompt === undefined || prompt === 0) return undefined;
  const cacheRead = countAt(usage, "cachedContentTokenCount") ?? 0;
  const tools = countAt(usage, "toolUsePromptTokenCount") ?? 0;
  return {
    inFresh: Math.max(prompt - cacheRead, 0) + tools,
    cacheRead,
    cacheWrite: 0,
    outText: countAt(usage, "candidatesTokenCount") ?? 0,
    reasoning: countAt(usage, "thoughtsTokenCount") ?? 0,
  };
}

const STATUSES: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  402: "FAILED_PRECONDITION",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  502: "UNAVAILABLE",
};

function errorBody(refusal: Refusal): unknown {
  const code = statusOf(refusal);
  const { message, reason } = refusal;
  const status = STATUSES[code] ?? "INVALID_ARGUMENT";
  const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "fettle" };
  return { error: { code, message, status, details: [info] } };
}
