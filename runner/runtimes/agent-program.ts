/** Whether what agents are executed with can be used on this machine. */
import { execFile } from "node:child_process";
import type { CodingAgentName } from "#runner/core/coding-agent.ts";
import { engineEnvironment, type EngineProbe, probeEngine } from "./container-engine.ts";
import { findProgram, searchPath } from "./program-environment.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type CodingAgentProbe =
  | { readonly kind: "missing" }
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "works"; readonly version: string };

const PROBE_MS = 20_000;

/** Asks it for its version, without the operator's home: what agents do not have is no help to them. */
export function probeCodingAgent(
  name: CodingAgentName,
  environment: Environment,
): Promise<CodingAgentProbe> {
  const path = searchPath(environment["PATH"] ?? "");
  const program = findProgram(name, path, "/");
  if (program === undefined) return Promise.resolve({ kind: "missing" });
  const env = { PATH: path, HOME: environment["TMPDIR"] ?? "/tmp", LANG: "C.UTF-8" };
  return new Promise((resolve) => {
    const child = execFile(
      program,
      ["--version"],
      { env, timeout: PROBE_MS, encoding: "utf8" },
      (error, stdout, stderr) => {
        const version = /\d+\.\d+\.\d+\S*/u.exec(stdout)?.[0];
        if (error === null && version !== undefined) return resolve({ kind: "works", version });
        const said = (stderr || stdout || error?.message || "").trim().split("\n", 1)[0] ?? "";
        resolve({ kind: "broken", reason: said || "it does not tell its version" });
      },
    );
    child.stdin?.end();
  });
}

export function probeContainers(environment: Environment): Promise<EngineProbe> {
  const path = searchPath(environment["PATH"] ?? "");
  return probeEngine({ path, environment: { ...engineEnvironment(environment), PATH: path } });
}
