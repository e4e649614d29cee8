import type { Agent, ToolServer } from "#runner/schema/types.gen.ts";
import { conforms, type Contender } from "./conforms.ts";
import { NOTES_SERVER } from "./notes-server.ts";
import type { Scenario } from "./scenario.ts";

const PROVIDERS = [
  { provider: "anthropic", model: "claude-sonnet-4-5" },
  { provider: "openai", model: "gpt-5-mini" },
  { provider: "google", model: "gemini-2.5-flash" },
  { provider: "openai-compatible", model: "tiny" },
] as const;

/** What Anthropic always counts, the library demands. */
const UNCOUNTED: Contender["differs"] = {
  "no usage reported": { outcome: "provider-error", outputs: null },
};

const NOTES: ToolServer = {
  name: "notes",
  command: ["node", "agents/tester/notes.mjs"],
  allow: ["read"],
};

for (const { provider, model } of PROVIDERS) {
  const contender: Contender = {
    name: `model of ${provider}`,
    provider,
    model,
    agent: agentOf,
    ...(provider === "anthropic" && { differs: UNCOUNTED }),
    files: { "prompt.md": "{{inputs.prompt}}", "notes.mjs": NOTES_SERVER },
  };
  conforms(contender);
}

function agentOf({ hasTools = false }: Scenario): Partial<Agent> {
  const runtime = { model: "main", prompt: "prompt.md", maxOutputTokens: 1000 };
  return hasTools ? { runtime, tools: [NOTES] } : { runtime };
}
