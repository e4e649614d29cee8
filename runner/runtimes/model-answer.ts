/** Finds the JSON object in what a model wrote. */
import { parseAgentJson } from "./agent-json.ts";

export type JsonAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/** Some local servers leave in what a model thinks before it answers. */
const THOUGHT = /^\s*<think>[\s\S]*?<\/think>/u;

/** Takes the object out of a code fence or out of the talk around it; truncated JSON is not completed. */
export function readJsonAnswer(said: string): JsonAnswer {
  const text = said.replace(THOUGHT, "");
  const start = text.indexOf("{");
  const end = text.lastIndexOf("}");
  if (start === -1 || end < start) return { ok: false, reason: "it holds no JSON object" };
  try {
    return { ok: true, value: parseAgentJson(text.slice(start, end + 1)) };
  } catch {
    return { ok: false, reason: "its JSON is broken" };
  }
}
