import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { type Answer, type Asked, event, type Format, halves, textOf } from "./format.ts";

export const CHAT_FORMAT: Format = {
  isAt: (path) => path === "/v1/chat/completions",
  isStream: ({ body }) => body["stream"] === true,
  modelOf: ({ body }) => textOf(body["model"]),
  answer: (answer, model) => ({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message: messageOf(answer), finish_reason: finishReason(answer) }],
    ...(answer.usage !== null && { usage: usageOf(answer.usage) }),
  }),
  events,
  error: (status, message) => ({
    error: { message, type: status === 429 ? "requests" : "invalid_request_error", code: null },
  }),
};

function events(answer: Answer, { body }: Asked, model: string): readonly string[] {
  const options = body["stream_options"];
  const isCounted = JSON.stringify(options ?? {}).includes('"include_usage":true');
  const chunk = (choices: readonly object[], more: object = {}): string =>
    event(null, {
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model,
      choices,
      ...(isCounted && { usage: null }),
      ...more,
    });
  const said = (delta: object): string => chunk([{ index: 0, delta, finish_reason: null }]);
  return [
    said({ role: "assistant", content: "" }),
    ...deltas(answer).map(said),
    chunk([{ index: 0, delta: {}, finish_reason: finishReason(answer) }]),
    ...(isCounted && answer.usage !== null ? [chunk([], { usage: usageOf(answer.usage) })] : []),
    event(null, "[DONE]"),
  ];
}

function deltas({ text, tool }: Answer): readonly object[] {
  if (tool === undefined) return halves(text).map((content) => ({ content }));
  const [first, second] = halves(JSON.stringify(tool.input));
  const call = { index: 0, id: "call_1", type: "function" };
  return [
    { tool_calls: [{ ...call, function: { name: tool.name, arguments: first } }] },
    { tool_calls: [{ index: 0, function: { arguments: second } }] },
  ];
}

function messageOf({ text, tool }: Answer): object {
  if (tool === undefined) return { role: "assistant", content: text };
  const { name, input } = tool;
  const call = {
    id: "call_1",
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  };
  return { role: "assistant", content: null, tool_calls: [call] };
}

function finishReason({ tool, isTruncated = false }: Answer): string {
  if (isTruncated) return "length";
  return tool === undefined ? "stop" : "tool_calls";
}

function usageOf(usage: TokenUsage): object {
  const prompt = usage.inFresh + usage.cacheRead + usage.cacheWrite;
  const completion = usage.outText + usage.reasoning;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      ...(usage.cacheWrite > 0 && { cache_write_tokens: usage.cacheWrite }),
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}
