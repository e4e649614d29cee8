/** What a coding agent is asked. */
import type { CodingAgentRung } from "#runner/schema/types.gen.ts";
import type { Invocation } from "./invocation.ts";
import { renderProse } from "./prose.ts";
import { agentFile, agentPath, proseData, withFeedback } from "./rung-result.ts";

const CUT_OFF =
  "You were cut off before you had finished. The files in your folder are as you left them. Go on from there; the work is still this:\n\n";

/** The role, the rendered prompt, which files count, and the form of the answer. */
export function codingAgentPrompt(
  { prompt, permissions = "read-only" }: CodingAgentRung,
  invocation: Invocation,
  isResumed: boolean,
): ReturnType<typeof renderProse> {
  const path = agentPath(invocation.agent, prompt);
  const source = agentFile(invocation, prompt);
  if (source === undefined) return { ok: false, reason: `there is no prompt ${path}` };
  const rendered = renderProse(source, proseData(invocation));
  if (!rendered.ok) return { ok: false, reason: `${path}: ${rendered.reason}` };
  const { role, outputs } = invocation.agent.manifest;
  const { writes } = invocation;
  const isWriting = permissions !== "read-only" && writes.length > 0;
  const files = isWriting
    ? `Of the files in your folder you may make or change only these: ${writes.join(", ")}. Another one that is made or changed spoils the whole work; deleting a file has no effect.`
    : "Do not make or change any file.";
  const text = `${role}

${withFeedback(rendered.text.trim(), source, invocation)}

${files} Nobody can answer a question. Commit nothing.
When you have finished, answer with one JSON object and nothing else. It must be valid against this JSON Schema:
${JSON.stringify(outputs)}
`;
  return { ok: true, text: isResumed ? CUT_OFF + text : text };
}
