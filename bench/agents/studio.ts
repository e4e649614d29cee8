/** A coding agent that is installed here, in front of the gateway and a provider that plays scenes. */
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "#runner/core/canonical-json.ts";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { openGateway } from "#runner/gateway/gateway.ts";
import { doorOpener } from "#runner/loop/open-door.ts";
import { execute } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { Agent, CodingAgentRung, ModelSettings } from "#runner/schema/types.gen.ts";
import { type Provider, serveProvider } from "../../test/support/provider/provider.ts";

export type CodingAgentName = CodingAgentRung["codingAgent"];

export const AGENTS: readonly CodingAgentName[] = ["claude", "codex", "gemini", "opencode"];

const KEY = "the-real-key-of-the-provider";

export interface Studio {
  readonly provider: Provider;
  readonly run: (order: Order) => Promise<Ran>;
  readonly close: () => Promise<void>;
}

export interface Order {
  readonly agent: CodingAgentName;
  readonly permissions?: CodingAgentRung["permissions"];
  readonly checkpoints?: Checkpoints;
  readonly wall?: string;
  readonly usd?: number;
  readonly writes?: readonly string[];
  readonly outputs?: Agent["outputs"];
}

export interface Ran {
  readonly result: Result;
  readonly saved: Checkpoints;
}

export async function openStudio(): Promise<Studio> {
  const provider = await serveProvider({ key: KEY });
  const gateway = openGateway({});
  const table = JSON.parse(readFileSync("prices/models.json", "utf8"));
  const prices = { table, digest: digestOf(table), from: "program" } as const;
  const openDoor = doorOpener({
    gateway,
    prices: () => Promise.resolve({ ok: true, prices }),
    clock: () => new Date().toISOString(),
  });
  const workRoot = mkdtempSync(join(tmpdir(), "fettle-agents-"));
  const run = async (order: Order): Promise<Ran> => {
    let saved: Checkpoints = new Map();
    const result = await execute(invocationOf(order, provider), {
      signal: new AbortController().signal,
      workRoot,
      programPath: `${join(import.meta.dirname, "installed/node_modules/.bin")}:/usr/local/bin:/usr/bin:/bin`,
      openDoor,
      save: (checkpoints) => {
        saved = checkpoints;
      },
    });
    return { result, saved };
  };
  const close = async (): Promise<void> => {
    rmSync(workRoot, { recursive: true, force: true });
    await gateway.close();
    await provider.close();
  };
  return { provider, run, close };
}

const MODELS: Readonly<Record<CodingAgentName, Pick<ModelSettings, "provider" | "model">>> = {
  claude: { provider: "anthropic", model: "claude-haiku-4-5" },
  codex: { provider: "openai", model: "gpt-5-mini" },
  gemini: { provider: "google", model: "gemini-2.5-flash" },
  opencode: { provider: "openai-compatible", model: "qwen3" },
};

/** In USD for a million tokens, the same for all: what is compared are the ways of stopping. */
export const PRICE = { input: 1, output: 5 };

function modelOf(agent: CodingAgentName, { url }: Provider): ModelSettings {
  const { provider, model } = MODELS[agent];
  const baseUrl = provider.startsWith("openai") ? `${url}/v1` : url;
  return { provider, model, baseUrl, key: "MODEL_KEY", price: PRICE };
}

const OUTPUTS = {
  type: "object",
  additionalProperties: false,
  required: ["answer"],
  properties: { answer: { type: "string", maxLength: 20 } },
};

function invocationOf(order: Order, provider: Provider): Invocation {
  const { agent, permissions, usd = 1, wall = "60s", writes = ["projects/studio/**"] } = order;
  const runtime = { codingAgent: agent, model: "coder", prompt: "prompt.md" };
  const manifest: Agent = {
    apiVersion: "fettle/v1",
    version: "1.0.0",
    role: "Answers.",
    runtime: { ...runtime, ...(permissions === undefined ? {} : { permissions }) },
    inputs: { type: "object" },
    outputs: order.outputs ?? OUTPUTS,
    limits: { usd, wall },
  };
  return {
    run: "answer.000000000000",
    step: "answer",
    item: null,
    attempt: 1,
    key: "sha256:00",
    project: "studio",
    projectDir: "projects/studio",
    asOf: "2026-11-26T08:00:00.000Z",
    agent: { name: "coder", tree: "0".repeat(40), manifest },
    inputs: { name: "Ada" },
    files: [
      file("agents/coder/prompt.md", "Write a note for {{inputs.name}}."),
      file("projects/studio/notes.txt", "hello\n"),
    ],
    writes,
    memory: [],
    secrets: { MODEL_KEY: KEY },
    models: { coder: modelOf(agent, provider) },
    commit: "0".repeat(40),
    grant: { micros: usd * 1_000_000, tokens: null, requests: null, ms: 0 },
    timeoutMs: 60_000,
    checkpoints: order.checkpoints ?? new Map(),
  };
}

function file(path: string, text: string): Invocation["files"][number] {
  return { path, content: new TextEncoder().encode(text), executable: false };
}
