/** OpenAI responses, as https://platform.openai.com/docs/api-reference/responses describes them. */
import { limitProblem, smallestLimit } from "./asked-limit.ts";
import { unmeteredPart } from "./attachment.ts";
import type { JsonObject } from "#runner/core/json-object.ts";
import { objectAt, parseJson, textAt } from "./json-value.ts";
import { bearer, openAiError, openAiModels, openAiUsage, TIER } from "./openai.ts";
import { type PricedField, surcharge } from "./surcharge.ts";
import { foreignTool, foreignToolProblem } from "./tool-kinds.ts";
import type { Reading, Route, Seen, ProviderFormat } from "./provider-format.ts";

export const OPENAI_RESPONSES: ProviderFormat = {
  providers: ["openai", "openai-compatible"],
  route,
  read,
  limited: (body, maxOutput) => ({ ...body, max_output_tokens: maxOutput }),
  inAnswer: (answer) => ({
    model: textAt(answer, "model"),
    usage: objectAt(answer, "usage"),
    isEnd: true,
  }),
  inEvent,
  usageOf: (usage) => openAiUsage(usage, { input: "input", output: "output" }),
  models: openAiModels,
  errorBody: openAiError,
  keyHeader: bearer,
};

function route(method: string, path: string): Route | undefined {
  const own = path.replace(/^\/v1(?=\/)/u, "");
  return method === "POST" && own === "/responses" ? { kind: "generate", path: own } : undefined;
}

const STORED = "names text that is kept by the provider, so that nobody here knows its tokens";

const PRICED_FIELDS: readonly PricedField[] = [
  TIER,
  { field: "background", harmless: [false], problem: "goes on when nobody listens any more" },
  { field: "previous_response_id", harmless: [], problem: STORED },
  { field: "conversation", harmless: [], problem: STORED },
  { field: "prompt", harmless: [], problem: STORED },
  { field: "context_management", harmless: [[]], problem: "asks again, uncounted" },
];

/** The client carries these out by itself. */
const OWN_TOOLS = new Set(["function", "custom", "local_shell", "apply_patch"]);

function read(body: JsonObject): Reading {
  const problem = limitProblem("max_output_tokens", body["max_output_tokens"]) ?? problemOf(body);
  if (problem !== undefined) return { ok: false, problem };
  return {
    ok: true,
    asked: {
      model: textAt(body, "model") ?? "",
      isStream: body["stream"] === true,
      maxOutput: smallestLimit([body["max_output_tokens"]]),
      thinking: 0,
    },
  };
}

function problemOf(body: JsonObject): string | undefined {
  const tool = foreignTool(body["tools"], (kind) => OWN_TOOLS.has(kind ?? ""));
  if (tool !== undefined) return foreignToolProblem(tool);
  return surcharge(body, PRICED_FIELDS) ?? unmeteredPart(body["input"]);
}

const LAST_EVENTS = new Set(["response.completed", "response.incomplete", "response.failed"]);

/** Every event that holds the response holds what is known of its usage. */
function inEvent(data: string): Seen {
  const event = parseJson(data);
  const response = objectAt(event, "response");
  const usage = objectAt(response, "usage");
  return {
    model: textAt(response, "model"),
    ...(Object.keys(usage).length > 0 && { usage }),
    isEnd: LAST_EVENTS.has(textAt(event, "type") ?? ""),
  };
}
