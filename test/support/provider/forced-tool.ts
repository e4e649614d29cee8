/** A model that must call a tool says what it has to say through the tool `json`, where a client offers that. */
import type { Answer, Asked } from "./format.ts";

const MUST_CALL = /"mode":"ANY"|"tool_choice":\{"type":"any"|"tool_choice":"required"/u;

export function saidThroughTool({ text: request }: Asked, answer: Answer): Answer {
  const isForced = MUST_CALL.test(request) && request.includes('"name":"json"');
  const input = isForced && answer.tool === undefined ? objectOf(answer.text) : undefined;
  return input === undefined ? answer : { ...answer, text: "", tool: { name: "json", input } };
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
