import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { type Answer, event, type Format, halves, textOf } from "./format.ts";
import { CHAT_FORMAT } from "./chat-format.ts";

export const RESPONSES_FORMAT: Format = {
  isAt: (path) => path === "/v1/responses",
  isStream: ({ body }) => body["stream"] === true,
  modelOf: ({ body }) => textOf(body["model"]),
  answer: responseOf,
  events: (answer, _asked, model) => eventsOf(answer, model),
  error: CHAT_FORMAT.error,
};

function responseOf(answer: Answer, model: string): object {
  const { isTruncated = false, usage } = answer;
  return {
    id: "resp_1",
    object: "response",
    created_at: 1,
    status: isTruncated ? "incomplete" : "completed",
    incomplete_details: isTruncated ? { reason: "max_output_tokens" } : null,
    error: null,
    model,
    output: [itemOf(answer)],
    usage: usage === null ? null : usageOf(usage),
  };
}

function eventsOf(answer: Answer, model: string): readonly string[] {
  const whole = responseOf(answer, model);
  const begun = { ...whole, status: "in_progress", output: [], usage: null };
  const item = itemOf(answer);
  const where = { item_id: "item_1", output_index: 0 };
  const deltas =
    answer.tool === undefined
      ? halves(answer.text).map((delta) => ({
          type: "response.output_text.delta",
          ...where,
          content_index: 0,
          delta,
        }))
      : halves(JSON.stringify(answer.tool.input)).map((delta) => ({
          type: "response.function_call_arguments.delta",
          ...where,
          delta,
        }));
  const events = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    { type: "response.output_item.added", output_index: 0, item: { ...item, ...EMPTY } },
    ...deltas,
    { type: "response.output_item.done", output_index: 0, item },
    {
      type: answer.isTruncated === true ? "response.incomplete" : "response.completed",
      response: whole,
    },
  ];
  return events.map((data, index) => event(data.type, { ...data, sequence_number: index }));
}

const EMPTY = { status: "in_progress", content: [], arguments: "" };

function itemOf({ text, tool }: Answer): object {
  if (tool === undefined) {
    return {
      id: "item_1",
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text, annotations: [] }],
    };
  }
  return {
    id: "item_1",
    type: "function_call",
    status: "completed",
    call_id: "call_1",
    name: tool.name,
    arguments: JSON.stringify(tool.input),
  };
}

function usageOf(usage: TokenUsage): object {
  const input = usage.inFresh + usage.cacheRead + usage.cacheWrite;
  const output = usage.outText + usage.reasoning;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + output,
  };
}
