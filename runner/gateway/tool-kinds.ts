/** Tools that the client carries out cost tokens and nothing else; those of the provider have prices of their own. */
import { isJsonObject } from "#runner/core/json-object.ts";
import { textAt } from "./json-value.ts";

/** First kind of tool that is not allowed; undefined where there is none. */
export function foreignTool(
  tools: unknown,
  isOwn: (kind: string | undefined) => boolean,
): string | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) return "that is no list";
  for (const tool of tools) {
    const kind = textAt(tool, "type");
    if (!isJsonObject(tool) || !isOwn(kind)) return kind ?? "without a type";
  }
  return undefined;
}

export function foreignToolProblem(kind: string): string {
  return `the tool ${kind} is carried out by the provider at a price of its own, which is not metered`;
}
