import { fakeProgram } from "../../support/fake-program.ts";
import { PROGRAM_PATH } from "../invocation-builder.ts";
import { conforms } from "./conforms.ts";
import { NOTE } from "./scenario.ts";

/** Stands for Claude Code: asks as it does without retries, and reports as it does. `npm run test:agents` drives the real one. */
const STAND_IN = `
const flag = (name) => args[args.indexOf(name) + 1];
const turns = args.includes("--max-turns") ? Number(flag("--max-turns")) : Infinity;
const report = (more) => console.log(JSON.stringify({ type: "result", subtype: "success", permission_denials: [], ...more }));
const broken = (status, message) => {
  const isTooLong = /prompt is too long/.test(message);
  report({ is_error: true, terminal_reason: isTooLong ? "prompt_too_long" : "api_error", api_error_status: status, result: "API Error: " + status + " " + message });
  process.exitCode = 1;
};
(async () => {
  const messages = [{ role: "user", content: stdin }];
  for (let turn = 0; turn < turns; turn += 1) {
    let response, said;
    try {
      response = await fetch(env.ANTHROPIC_BASE_URL + "/v1/messages", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": env.ANTHROPIC_API_KEY, "anthropic-version": "2023-06-01" },
        body: JSON.stringify({ model: flag("--model"), max_tokens: 1000, messages }),
      });
      said = await response.json();
    } catch (error) { return broken(null, error.message); }
    if (!response.ok) return broken(response.status, said.error.message);
    if (said.stop_reason === "max_tokens") return broken(null, "the answer exceeded the maximum of output tokens");
    messages.push({ role: "assistant", content: said.content });
    const uses = said.content.filter(({ type }) => type === "tool_use");
    const text = said.content.filter(({ type }) => type === "text").map(({ text }) => text).join("");
    if (uses.length === 0) return report({ is_error: false, terminal_reason: "completed", result: text });
    messages.push({ role: "user", content: uses.map(({ id, name }) => ({ type: "tool_result", tool_use_id: id, content: name === "notes__read" ? ${JSON.stringify(NOTE)} : "no such tool" })) });
  }
  report({ is_error: true, subtype: "error_max_turns", terminal_reason: "max_turns", errors: ["Reached maximum number of turns"] });
  process.exitCode = 1;
})();
`;

conforms({
  name: "codingAgent",
  provider: "anthropic",
  model: "claude-haiku-4-5",
  agent: () => ({ runtime: { codingAgent: "claude", model: "main", prompt: "prompt.md" } }),
  files: { "prompt.md": "{{inputs.prompt}}" },
  programPath: () => `${fakeProgram("claude", STAND_IN).folder}:${PROGRAM_PATH}`,
  // It is not asked a second time in the attempt, and a single text needs no JSON.
  differs: {
    "invalid, then right": { outcome: "schema-invalid", outputs: null, asked: 1 },
    invalid: { asked: 1 },
    "no JSON": {
      outcome: "succeeded",
      outputs: { answer: "I would rather not." },
      asked: 1,
    },
    empty: { asked: 1 },
    truncated: { outcome: "crashed", reason: /maximum of output tokens/u },
    "crash in the middle": { outcome: "crashed" },
  },
});
