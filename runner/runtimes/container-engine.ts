/** Docker or podman, whichever works here. */
import { execFile } from "node:child_process";
import { findProgram } from "./program-environment.ts";

export interface Engine {
  readonly name: "docker" | "podman";
  /** Absolute path. */
  readonly program: string;
  readonly version: string;
}

export type EngineProbe =
  | { readonly ok: true; readonly engine: Engine }
  | { readonly ok: false; readonly reason: string };

/** Where engines are looked for, and how their clients find them: `DOCKER_HOST` and the like. */
export interface EngineSite {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

const VARIABLES = [
  "HOME",
  "XDG_RUNTIME_DIR",
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_CONFIG",
  "CONTAINER_HOST",
];

/** What the clients need of the operator's environment to find their daemon and what they have pulled. */
export function engineEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const set = VARIABLES.flatMap((name): readonly (readonly [string, string])[] => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(set);
}

/** Answers only when containers can be run: the client of docker is often there without its daemon. */
const QUESTIONS = {
  docker: ["version", "--format", "{{.Server.Version}}"],
  podman: ["info", "--format", "{{.Version.Version}}"],
} as const;
const PROBE_MS = 15_000;

const probes = new Map<string, Promise<EngineProbe>>();

/** Asked once for each search path. */
export function probeEngine(site: EngineSite): Promise<EngineProbe> {
  const key = JSON.stringify([site.path, Object.entries(site.environment)]);
  const known = probes.get(key);
  if (known !== undefined) return known;
  const probe = firstThatAnswers(site);
  probes.set(key, probe);
  return probe;
}

async function firstThatAnswers(site: EngineSite): Promise<EngineProbe> {
  const problems: string[] = [];
  for (const name of ["docker", "podman"] as const) {
    const program = findProgram(name, site.path, "/");
    if (program === undefined) {
      problems.push(`${name} is not installed`);
      continue;
    }
    const said = await askEngine({ program, environment: site.environment }, QUESTIONS[name]);
    if (said.ok) return { ok: true, engine: { name, program, version: said.text.trim() } };
    problems.push(`${name} does not answer (${said.text.trim().split("\n", 1)[0] ?? ""})`);
  }
  return { ok: false, reason: `no container can be run here: ${problems.join("; ")}` };
}

/** What it prints; what it complains of when it fails. */
export function askEngine(
  {
    program,
    environment,
  }: { readonly program: string; readonly environment: EngineSite["environment"] },
  args: readonly string[],
): Promise<{ readonly ok: boolean; readonly text: string }> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { env: environment, timeout: PROBE_MS, encoding: "utf8" },
      (error, stdout, stderr) =>
        resolve({ ok: error === null, text: error === null ? stdout : stderr || error.message }),
    );
  });
}
