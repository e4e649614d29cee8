/** The `container` rung: a program in a container, spoken to like a command. */
import { basename } from "node:path";
import { shortDigest } from "#runner/core/identifier.ts";
import type { ContainerCall, ContainerRung } from "#runner/schema/types.gen.ts";
import { requestOf } from "./agent-request.ts";
import { type AttemptFolder, makeAttemptFolder, removeAttemptFolder } from "./attempt-folder.ts";
import { withCheckpoints } from "./checkpointed.ts";
import type { CommandSite } from "./command.ts";
import { askEngine, type Engine, probeEngine } from "./container-engine.ts";
import { searchPath, secretsFor } from "./program-environment.ts";
import type { Invocation } from "./invocation.ts";
import { type ProgramEnd, runProgram } from "./program.ts";
import { crashReason, logOf, outputBytes, verdictOn } from "./program-verdict.ts";
import { failed, type RungCall, type RungResult } from "./rung-result.ts";

const WORK = "/work";
const CHECKPOINTS = "/checkpoints";
const DEFAULT_MEMORY_MB = 512;
const MOST_PROCESSES = 256;
const OWN_VARIABLES = { HOME: "/tmp", TMPDIR: "/tmp", LANG: "C.UTF-8", TZ: "UTC" };

/**
 * Runs the program of the image without a network, without rights, with nothing to write to but its folder and `/tmp`.
 * Killing the client leaves a container alive, so it is removed by its name whatever happened, before its folder is
 * looked at; the name is that of the unit, so that one left behind by a killed runner ends when the unit is tried again.
 */
export async function runContainer(
  { container }: ContainerRung,
  call: RungCall,
  site: CommandSite,
): Promise<RungResult> {
  const { invocation } = call;
  const { engineEnvironment: engineOwn = {} } = site;
  const path = searchPath(site.programPath);
  const environment = { ...engineOwn, PATH: path };
  const probe = await probeEngine({ path, environment });
  if (!probe.ok)
    return failed(
      "missing-tool",
      `${probe.reason}; start the daemon, or give the agent a fallback`,
    );
  const { engine } = probe;
  const name = nameOf(invocation, site);
  const remove = (): Promise<unknown> =>
    askEngine({ program: engine.program, environment }, ["rm", "--force", name]);
  const folder = makeAttemptFolder(site.workRoot, invocation.files);
  try {
    await remove();
    const secrets = secretsFor(invocation, invocation.agent.manifest.secrets ?? []);
    const end = await withCheckpoints(folder, call, async () => {
      const ended = await runProgram(
        {
          argv: [engine.program, ...argsOf({ container, engine, name, folder, secrets })],
          cwd: folder.work,
          env: { ...environment, ...secrets },
          stdin: JSON.stringify(requestOf(invocation, CHECKPOINTS)),
          // In a namespace of its own the monitor of podman would end with its client.
          cage: [],
          wallMs: call.remainingMs(),
          stdoutBytes: outputBytes(invocation),
        },
        call.signal,
      );
      await remove();
      return ended;
    });
    return notStarted(end, invocation) ?? verdictOn(end, invocation, folder);
  } finally {
    await removeAttemptFolder(folder);
  }
}

function nameOf({ run, step, item }: Invocation, { workRoot }: CommandSite): string {
  return `fettle-${shortDigest([basename(workRoot), run, step, item], 16)}`;
}

interface Order {
  readonly container: ContainerCall;
  readonly engine: Engine;
  readonly name: string;
  readonly folder: AttemptFolder;
  readonly secrets: Readonly<Record<string, string>>;
}

function argsOf({ container, engine, name, folder, secrets }: Order): readonly string[] {
  const { image, command, memoryMb = DEFAULT_MEMORY_MB, cpus = 1 } = container;
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const options: readonly (readonly string[])[] = [
    ["--name", name],
    ["--network", "none"],
    ["--cap-drop", "ALL"],
    ["--security-opt", "no-new-privileges"],
    ["--pids-limit", String(MOST_PROCESSES)],
    ["--memory", `${memoryMb}m`],
    ["--memory-swap", `${memoryMb}m`],
    ["--cpus", String(cpus)],
    ["--user", `${uid}:${gid}`],
    engine.name === "podman" && uid !== 0 ? ["--userns", "keep-id"] : [],
    ["--tmpfs", "/tmp"],
    ["--workdir", WORK],
    ["--mount", `type=bind,src=${folder.work},dst=${WORK}`],
    ["--mount", `type=bind,src=${folder.checkpoints},dst=${CHECKPOINTS}`],
    ...Object.entries(OWN_VARIABLES).map(([variable, value]) => ["--env", `${variable}=${value}`]),
    // Of secrets only the names: what stands in arguments can be seen by everybody on the machine.
    ...Object.keys(secrets).map((secret) => ["--env", secret]),
  ];
  const flags = ["--rm", "--interactive", "--init", "--read-only"];
  return ["run", ...flags, ...options.flat(), image, ...command];
}

/** Exit codes of the client: the engine could not start it, or there is no such program in the image. */
const NOT_STARTED = new Set(["exit code 125", "exit code 126", "exit code 127"]);

function notStarted(end: ProgramEnd, { secrets }: Invocation): RungResult | undefined {
  const { failure } = end;
  if (end.stop !== undefined || failure === undefined || !NOT_STARTED.has(failure))
    return undefined;
  const log = logOf(end, secrets);
  const reason = `it could not be started: ${crashReason(failure, log, secrets)}`;
  return failed("missing-tool", reason, { log, started: true });
}
