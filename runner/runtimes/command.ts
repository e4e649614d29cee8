/** The `command` rung: a program with JSON on standard input and JSON on standard output. */
import { makeAttemptFolder, removeAttemptFolder } from "./attempt-folder.ts";
import { requestOf } from "./agent-request.ts";
import { withCheckpoints } from "./checkpointed.ts";
import { environmentOf, findProgram, searchPath } from "./program-environment.ts";
import type { CommandRung } from "#runner/schema/types.gen.ts";
import { type Asking, modelEnvironment } from "./model-environment.ts";
import { type ProcessCage, probeProcessCage } from "./process-cage.ts";
import { runProgram } from "./program.ts";
import { OUT_OF_TIME, outputBytes, verdictOn } from "./program-verdict.ts";
import { failed, type RungCall, type RungResult } from "./rung-result.ts";

export interface CommandSite {
  /** Attempt folders are made and removed below it. */
  readonly workRoot: string;
  /** PATH of agents, after the folder of the running Node. */
  readonly programPath: string;
  /** What the clients of docker and podman need to find their daemon. */
  readonly engineEnvironment?: Readonly<Record<string, string>>;
  /** Overrides what the machine offers. */
  readonly cage?: ProcessCage;
}

/**
 * Runs the program in a throwaway folder with an environment made from nothing, then harvests the folder.
 * This is no sandbox: a program can read and write whatever the operator can. What it writes outside its folder is
 * neither seen nor undone; gates then guard against mistakes, not against malice. Where the machine has process
 * namespaces nothing of it survives; see docs/reliability.md for what may survive elsewhere.
 */
export async function runCommand(
  { command, models }: CommandRung,
  call: RungCall,
  site: CommandSite,
): Promise<RungResult> {
  const { invocation } = call;
  const asking = await modelEnvironment(models ?? [], call);
  if (!asking.ok) return failed(asking.outcome, asking.reason);
  const folder = makeAttemptFolder(site.workRoot, invocation.files);
  try {
    const path = searchPath(site.programPath);
    const program = findProgram(command[0], path, folder.work);
    if (program === undefined) return failed("missing-tool", `there is no program ${command[0]}`);
    const declared = invocation.agent.manifest.secrets ?? [];
    const cage = site.cage ?? (await probeProcessCage(site.programPath));
    const end = await withCheckpoints(folder, call, () =>
      runProgram(
        {
          argv: [program, ...command.slice(1)],
          cwd: folder.work,
          env: { ...environmentOf(invocation, declared, { folder, path }), ...asking.variables },
          stdin: JSON.stringify(requestOf(invocation, folder.checkpoints)),
          cage,
          wallMs: call.remainingMs(),
          stdoutBytes: outputBytes(invocation),
        },
        call.signal,
      ),
    );
    return throughDoor(verdictOn(end, invocation, folder), asking, call);
  } finally {
    await removeAttemptFolder(folder);
  }
}

/** A program that fails after the door has refused it something, or has cut it off as the time was over, fails for that reason. */
function throughDoor(
  result: RungResult,
  { hasDoor, refusals }: Pick<Asking, "hasDoor" | "refusals">,
  { remainingMs }: RungCall,
): RungResult {
  if (!hasDoor || result.outcome !== "crashed") return result;
  if (remainingMs() <= 0) return { ...result, outcome: "timeout", reason: OUT_OF_TIME };
  return { ...result, ...refusals().at(-1) };
}
