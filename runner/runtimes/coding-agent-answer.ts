/** The outputs in the last message of a coding agent. */
import type { Agent } from "#runner/schema/types.gen.ts";
import type { CodingAgentReport } from "./coding-agent-cli.ts";
import { valueAt } from "./json-lines.ts";
import { type JsonAnswer, readJsonAnswer } from "./model-answer.ts";
import type { OutputCheck } from "./output-check.ts";
import { fieldSchema } from "./rung-result.ts";

type CodingAgentAnswer =
  | { readonly ok: true; readonly outputs: unknown }
  | { readonly ok: false; readonly reason: string };

/** A schema of one text takes the message as it is when there is no JSON in it. */
export function answerIn(
  { structured, text }: Pick<CodingAgentReport, "structured" | "text">,
  agent: Agent,
  check: OutputCheck,
): CodingAgentAnswer {
  const found: JsonAnswer =
    structured === undefined ? readJsonAnswer(text) : { ok: true, value: structured };
  if (found.ok) {
    const problem = check(found.value);
    return problem === undefined ? { ok: true, outputs: found.value } : doesNotFit(problem);
  }
  const field = onlyText(agent);
  const plain = { [field ?? ""]: text.trim() };
  const isPlain = field !== undefined && text.trim() !== "" && check(plain) === undefined;
  return isPlain ? { ok: true, outputs: plain } : doesNotFit(found.reason);
}

function doesNotFit(problem: string): CodingAgentAnswer {
  return { ok: false, reason: `its last message does not fit: ${problem}` };
}

/** The name of the output where it is the only one and a text. */
function onlyText(agent: Agent): string | undefined {
  const properties = valueAt(agent.outputs, "properties");
  const names =
    typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  const [name] = names;
  if (name === undefined || names.length > 1) return undefined;
  return fieldSchema(agent, name)["type"] === "string" ? name : undefined;
}
