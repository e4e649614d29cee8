/** What is known of the coding agents before one is started. */
import type { CodingAgentRung, ModelSettings } from "#runner/schema/types.gen.ts";

export type CodingAgentName = CodingAgentRung["codingAgent"];
type Provider = ModelSettings["provider"];

const PROVIDERS: Readonly<Record<CodingAgentName, readonly Provider[]>> = {
  claude: ["anthropic"],
  codex: ["openai"],
  gemini: ["google"],
  opencode: ["openai-compatible", "openai"],
};

/** Providers whose format it speaks. */
export function providersOf(name: CodingAgentName): readonly Provider[] {
  return PROVIDERS[name];
}

/** In the order of the schema. */
export const CODING_AGENTS: readonly CodingAgentName[] = ["claude", "codex", "gemini", "opencode"];

interface TestedVersion {
  /** Name of the package. */
  readonly npm: string;
  readonly version: string;
}

const TESTED: Readonly<Record<CodingAgentName, TestedVersion>> = {
  claude: { npm: "@anthropic-ai/claude-code", version: "2.1.332" },
  codex: { npm: "@openai/codex", version: "0.169.0" },
  gemini: { npm: "@google/gemini-cli", version: "0.61.0" },
  opencode: { npm: "opencode-ai", version: "1.18.33" },
};

/** The version whose reports are known; other ones may speak otherwise. */
export function testedVersion(name: CodingAgentName): TestedVersion {
  return TESTED[name];
}
