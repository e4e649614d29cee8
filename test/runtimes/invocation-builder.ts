import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { digestOf } from "#runner/core/canonical-json.ts";
import { openGateway } from "#runner/gateway/gateway.ts";
import { doorOpener } from "#runner/loop/open-door.ts";
import type { OpenDoor } from "#runner/runtimes/model-door.ts";
import type { ExecuteOptions } from "#runner/runtimes/execute.ts";
import type { Invocation, RepositoryFile } from "#runner/runtimes/invocation.ts";
import type { Agent, Runtime } from "#runner/schema/types.gen.ts";

export const manifest: Agent = {
  apiVersion: "fettle/v1",
  version: "1.0.0",
  role: "Answers.",
  runtime: { command: ["node", "agents/tester/main.mjs"] },
  inputs: { type: "object" },
  outputs: { type: "object", properties: { answer: { type: "string" } }, required: ["answer"] },
  limits: { usd: 0, wall: "20s" },
};

export function invocation(agent: Partial<Agent>, more: Partial<Invocation> = {}): Invocation {
  return {
    run: "answer.000000000000",
    step: "answer",
    item: null,
    attempt: 1,
    key: "sha256:00",
    project: "studio",
    projectDir: "projects/studio",
    asOf: "2026-11-22T08:00:00.000Z",
    agent: { name: "tester", tree: "0".repeat(40), manifest: { ...manifest, ...agent } },
    inputs: {},
    files: [],
    writes: [],
    memory: [],
    secrets: {},
    models: {},
    commit: "0".repeat(40),
    grant: { micros: 1_000_000, tokens: null, requests: null, ms: 0 },
    timeoutMs: 20_000,
    ...more,
  };
}

export function file(path: string, text: string): RepositoryFile {
  return { path, content: new TextEncoder().encode(text), executable: false };
}

/** An agent whose program is `source`. */
export function program(
  source: string,
  more: Partial<Invocation> = {},
  agent: Partial<Agent> = {},
): Invocation {
  const files = [file("agents/tester/main.mjs", source), ...(more.files ?? [])];
  return invocation(agent, { ...more, files });
}

/** An agent without a program. */
export function rungs(
  runtime: Runtime,
  files: Readonly<Record<string, string>>,
  more: Partial<Invocation> = {},
): Invocation {
  const all = Object.entries(files).map(([name, text]) => file(`agents/tester/${name}`, text));
  return invocation({ runtime }, { ...more, files: all });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fettle-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function options(more: Partial<ExecuteOptions> = {}): ExecuteOptions {
  return {
    signal: new AbortController().signal,
    workRoot: temporaryFolder(),
    programPath: PROGRAM_PATH,
    openDoor: testDoor(),
    ...more,
  };
}

/** The gateway as it is, with the prices of the program. */
export function testDoor(): OpenDoor {
  const gateway = openGateway({});
  onTestFinished(() => gateway.close());
  const table = JSON.parse(readFileSync("prices/models.json", "utf8"));
  const prices = { table, digest: digestOf(table), from: "program" } as const;
  return doorOpener({
    gateway,
    prices: () => Promise.resolve({ ok: true, prices }),
    clock: () => "2026-11-26T08:00:00.000Z",
  });
}

export const PROGRAM_PATH = "/usr/local/bin:/usr/bin:/bin";

export const ANSWER = `process.stdout.write(JSON.stringify({ outputs: { answer: "yes" } }));`;
