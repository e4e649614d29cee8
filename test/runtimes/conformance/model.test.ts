import type { Agent } from "#runner/schema/types.gen.ts";
import { conforms, type Contender } from "./conforms.ts";

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

for (const { provider, model } of PROVIDERS) {
  const contender: Contender = {
    name: `model of ${provider}`,
    provider,
    model,
    agent: agentOf,
    ...(provider === "anthropic" && { differs: UNCOUNTED }),
    files: { "prompt.md": "{{inputs.prompt}}" },
    lacks: {
      "tool loop": "it has no tools yet",
      "a tool that it does not have": "it has no tools yet",
      "endless loop": "it has no tools yet",
    },
  };
  conforms(contender);
}

function agentOf(): Partial<Agent> {
  return { runtime: { model: "main", prompt: "prompt.md", maxOutputTokens: 1000 } };
}
