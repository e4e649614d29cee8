import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { type Answer, type Asked, event, type Format, halves } from "./format.ts";

const PATH = /^\/v1(?:beta)?\/models\/([^/:]+):(generateContent|streamGenerateContent)$/u;

export const GEMINI_FORMAT: Format = {
  isAt: (path) => PATH.test(path),
  isStream: ({ path }) => path.includes(":streamGenerateContent"),
  modelOf: ({ path }) => PATH.exec(path.split("?", 1)[0] ?? "")?.[1] ?? "",
  answer: (answer, model) => chunk(answer, model, { parts: partsOf(answer), isLast: true }),
  events,
  error: (code, message, retryDelay) => ({
    error: {
      code,
      message,
      status: code === 429 ? "RESOURCE_EXHAUSTED" : "INVALID_ARGUMENT",
      ...(retryDelay !== undefined && {
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }],
      }),
    },
  }),
};

/** A list, unless events are asked for. */
function events(answer: Answer, { path }: Asked, model: string): readonly string[] {
  const [first, second] =
    answer.tool === undefined
      ? halves(answer.text).map((text) => [{ text }])
      : [[], partsOf(answer)];
  const chunks = [
    chunk(answer, model, { parts: first ?? [], isLast: false }),
    chunk(answer, model, { parts: second ?? [], isLast: true }),
  ];
  return path.includes("alt=sse")
    ? chunks.map((data) => event(null, data))
    : [JSON.stringify(chunks)];
}

function chunk(
  { usage, isTruncated = false }: Answer,
  model: string,
  { parts, isLast }: { readonly parts: readonly object[]; readonly isLast: boolean },
): object {
  const finishReason = isTruncated ? "MAX_TOKENS" : "STOP";
  return {
    candidates: [{ index: 0, content: { role: "model", parts }, ...(isLast && { finishReason }) }],
    modelVersion: model,
    responseId: "r1",
    ...(usage !== null && { usageMetadata: usageOf(usage, isLast) }),
  };
}

function partsOf({ text, tool }: Answer): readonly object[] {
  return tool === undefined
    ? [{ text }]
    : [{ functionCall: { id: "call_1", name: tool.name, args: tool.input } }];
}

/** Before the last event, half of the answer is counted. */
function usageOf(usage: TokenUsage, isLast: boolean): object {
  const prompt = usage.inFresh + usage.cacheRead + usage.cacheWrite;
  const candidates = isLast ? usage.outText : Math.floor(usage.outText / 2);
  return {
    promptTokenCount: prompt,
    ...(usage.cacheRead > 0 && { cachedContentTokenCount: usage.cacheRead }),
    candidatesTokenCount: candidates,
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    totalTokenCount: prompt + candidates + usage.reasoning,
  };
}
