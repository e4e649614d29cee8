/** A coding agent in the shape of a fake program. */
import { readFileSync } from "node:fs";
import { execute, type ExecuteOptions } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { Agent, CodingAgentRung, ModelSettings } from "#runner/schema/types.gen.ts";
import type { FakeProgram } from "../support/fake-program.ts";
import { file, invocation, options, PROGRAM_PATH } from "./invocation-builder.ts";

type Name = CodingAgentRung["codingAgent"];

const PROVIDERS = {
  claude: "anthropic",
  codex: "openai",
  gemini: "google",
  opencode: "openai-compatible",
} as const;
export const NAMES: readonly Name[] = ["claude", "codex", "gemini", "opencode"];
export const KEY = "the-real-key";
export const NOTE = "projects/studio/note.txt";

interface Given {
  readonly name?: Name;
  readonly rung?: Partial<CodingAgentRung>;
  readonly agent?: Partial<Agent>;
  readonly more?: Partial<Invocation>;
  readonly baseUrl?: string;
  readonly settings?: Partial<ModelSettings>;
  readonly site?: Partial<ExecuteOptions>;
}

/** Runs the agent with `fake` as its program. */
export function run(fake: FakeProgram | null, given: Given = {}): Promise<Result> {
  const { name = "claude", rung, agent, more, baseUrl = "http://127.0.0.1:9", settings } = given;
  const coder: ModelSettings = {
    provider: PROVIDERS[name],
    model: "claude-haiku-4-5",
    baseUrl,
    key: "MODEL_KEY",
    price: { input: 1, output: 5 },
    ...settings,
  };
  const runtime = { codingAgent: name, model: "coder", prompt: "prompt.md", ...rung };
  const { files = [], ...rest } = more ?? {};
  return execute(
    invocation(
      { runtime, ...agent },
      {
        inputs: { name: "Ada" },
        files: [file("agents/tester/prompt.md", "Write to {{inputs.name}}."), ...files],
        secrets: { MODEL_KEY: KEY },
        models: { coder },
        writes: ["projects/studio/**"],
        ...rest,
      },
    ),
    options({
      programPath: [fake?.folder, PROGRAM_PATH].filter(Boolean).join(":"),
      ...given.site,
    }),
  );
}

/** Prints what the program itself once printed. */
export function replay(name: string): string {
  const lines = readFileSync(`test/runtimes/recorded/${name}.jsonl`, "utf8");
  return `process.stdout.write(${JSON.stringify(lines)});`;
}

export function claudeSays(result: object, before = ""): string {
  const record = { type: "result", is_error: false, terminal_reason: "completed", ...result };
  return `${before}\nprocess.stdout.write(${JSON.stringify(JSON.stringify(record))});`;
}
