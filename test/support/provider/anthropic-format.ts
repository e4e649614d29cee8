import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { type Answer, event, type Format, halves, textOf } from "./format.ts";

export const ANTHROPIC_FORMAT: Format = {
  isAt: (path) => path === "/v1/messages",
  isStream: ({ body }) => body["stream"] === true,
  modelOf: ({ body }) => textOf(body["model"]),
  answer: (answer, model) => ({
    ...message(model),
    content: [contentOf(answer)],
    stop_reason: stopReason(answer),
    ...(answer.usage !== null && { usage: usageOf(answer.usage) }),
  }),
  events: (answer, _asked, model) => eventsOf(answer, model),
  error: (status, text) => ({
    type: "error",
    error: { type: errorType(status), message: text },
    request_id: "req_1",
  }),
};

function eventsOf(answer: Answer, model: string): readonly string[] {
  const { usage, tool } = answer;
  const start = usage === null ? {} : { usage: { ...usageOf(usage), output_tokens: 1 } };
  const end = usage === null ? {} : { usage: { output_tokens: usage.outText + usage.reasoning } };
  const deltas =
    tool === undefined
      ? halves(answer.text).map((text) => ({ type: "text_delta", text }))
      : halves(JSON.stringify(tool.input)).map((part) => ({
          type: "input_json_delta",
          partial_json: part,
        }));
  const block =
    tool === undefined ? { type: "text", text: "" } : { ...contentOf(answer), input: {} };
  return [
    named("message_start", { message: { ...message(model), content: [], ...start } }),
    named("content_block_start", { index: 0, content_block: block }),
    named("ping", {}),
    ...deltas.map((delta) => named("content_block_delta", { index: 0, delta })),
    named("content_block_stop", { index: 0 }),
    named("message_delta", {
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      ...end,
    }),
    named("message_stop", {}),
  ];
}

function named(type: string, data: object): string {
  return event(type, { type, ...data });
}

function message(model: string): object {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model,
    stop_reason: null,
    stop_sequence: null,
  };
}

function contentOf({ text, tool }: Answer): object {
  return tool === undefined
    ? { type: "text", text }
    : { type: "tool_use", id: "toolu_1", name: tool.name, input: tool.input };
}

function stopReason({ tool, isTruncated = false }: Answer): string {
  if (isTruncated) return "max_tokens";
  return tool === undefined ? "end_turn" : "tool_use";
}

function usageOf(usage: TokenUsage): object {
  return {
    input_tokens: usage.inFresh,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
    output_tokens: usage.outText + usage.reasoning,
    service_tier: "standard",
  };
}

function errorType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
  };
  return types[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}
