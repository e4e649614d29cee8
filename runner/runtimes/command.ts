/** The `command` rung: a program with JSON on standard input and JSON on standard output. */
import { isDone } from "#runner/core/outcome.ts";
import { type AttemptFolder, makeAttemptFolder, removeAttemptFolder } from "./attempt-folder.ts";
import { redactSecrets, redactStart, withoutCutSecret } from "#runner/core/secret-scan.ts";
import { CheckpointFolder } from "./checkpoint-folder.ts";
import { type CommandReply, parseReply } from "./command-reply.ts";
import { harvest } from "./harvest.ts";
import type { Invocation } from "./invocation.ts";
import type { CommandRung } from "#runner/schema/types.gen.ts";
import type { ModelDoor } from "./model-door.ts";
import { modelEnvironment } from "./model-environment.ts";
import { type ProcessCage, probeProcessCage } from "./process-cage.ts";
import { type ProgramEnd, runProgram } from "./program.ts";
import { environmentOf, findProgram, searchPath } from "./program-environment.ts";
import { retryAfterMsOf } from "./retry-after.ts";
import { failed, type RungCall, type RungResult, succeeded } from "./rung-result.ts";

export interface CommandSite {
  /** Attempt folders are made and removed below it. */
  readonly workRoot: string;
  /** PATH of agents, after the folder of the running Node. */
  readonly programPath: string;
  /** Overrides what the machine offers. */
  readonly cage?: ProcessCage;
}

const DEFAULT_OUTPUT_KB = 5120;
const DEFAULT_FILES = 50;

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
          stdin: JSON.stringify(requestOf(invocation, folder)),
          cage,
          wallMs: call.remainingMs(),
          stdoutBytes: (invocation.agent.manifest.limits.outputKb ?? DEFAULT_OUTPUT_KB) * 1024,
        },
        call.signal,
      ),
    );
    return refusedByDoor(judge(end, invocation, folder), asking.door);
  } finally {
    removeAttemptFolder(folder);
  }
}

/** A program that fails after the door has refused it something fails for that reason. */
function refusedByDoor(result: RungResult, door: ModelDoor | null): RungResult {
  const refusal = door?.refusals().at(-1);
  if (refusal === undefined || result.outcome !== "crashed") return result;
  return { ...result, ...refusal };
}

/** What the program saves counts however it ends. */
async function withCheckpoints(
  { checkpoints }: AttemptFolder,
  { invocation, save }: RungCall,
  run: () => Promise<ProgramEnd>,
): Promise<ProgramEnd> {
  const { checkpoints: saved = new Map(), secrets } = invocation;
  const folder = new CheckpointFolder(checkpoints, { saved, secrets, save });
  let notes: readonly string[] = [];
  const end = await run().finally(() => {
    notes = folder.close();
  });
  const told = notes.map((note) => `fettle: ${note}\n`).join("");
  return { ...end, stderr: Buffer.concat([end.stderr, Buffer.from(told)]) };
}

function requestOf(invocation: Invocation, folder: AttemptFolder): object {
  const { inputs, asOf, run, step, item, attempt, memory } = invocation;
  const { checkpoints = new Map<string, unknown>() } = invocation;
  const { effectKey: key, resume = false, askOnly = false } = invocation;
  return {
    inputs,
    ...(asOf === null ? {} : { asOf }),
    run,
    step,
    item,
    attempt,
    project: { name: invocation.project, dir: invocation.projectDir },
    memory,
    history: invocation.history ?? {},
    checkpoints: Object.fromEntries(checkpoints),
    checkpointFolder: folder.checkpoints,
    effect: key === undefined ? null : { key, resume, askOnly },
  };
}

function judge(end: ProgramEnd, invocation: Invocation, folder: AttemptFolder): RungResult {
  const { secrets } = invocation;
  const said = end.stderr.toString();
  const log = end.isCut ? withoutCutSecret(said, secrets) : said;
  const facts = { log, started: true };
  const broken = whyBroken(end, invocation, log);
  if (broken !== undefined) return failed(broken.outcome, broken.reason, facts);
  const text = end.stdout.toString();
  const reply = parseReply(text);
  if (typeof reply === "string") {
    const start =
      text.length === 0
        ? "it is empty"
        : `it begins ${JSON.stringify(redactStart(text, secrets, 200))}`;
    const problem = redactStart(reply, secrets, 100);
    return failed("schema-invalid", `the answer on standard output ${problem}: ${start}`, facts);
  }
  return harvested(reply, invocation, { ...facts, folder });
}

/** The exit code and the signal come from the agent: they can spoil an answer, never make one. */
function whyBroken(
  { stop, failure }: ProgramEnd,
  { agent, secrets }: Invocation,
  log: string,
): Pick<RungResult, "outcome" | "reason"> | undefined {
  if (stop === undefined) {
    if (failure === undefined) return undefined;
    const last = lastLine(redactSecrets(log, secrets));
    return { outcome: "crashed", reason: [failure, last].filter(Boolean).join(": ") };
  }
  const outputKb = agent.manifest.limits.outputKb ?? DEFAULT_OUTPUT_KB;
  const stops = {
    deadline: { outcome: "timeout", reason: "it did not end in time and was killed" },
    cancelled: { outcome: "cancelled", reason: "it was stopped" },
    "stdout-full": { outcome: "schema-invalid", reason: `it printed more than ${outputKb} KiB` },
    "stderr-full": { outcome: "crashed", reason: "it printed more than 16 MiB of errors" },
  } as const;
  return stops[stop];
}

function lastLine(log: string): string {
  const lines = log.trim().split("\n");
  const error = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  return error.trim().slice(0, 300);
}

function harvested(
  reply: CommandReply,
  { agent, files: seen, writes, secrets }: Invocation,
  {
    folder,
    ...facts
  }: { readonly folder: AttemptFolder; readonly log: string; readonly started: boolean },
): RungResult {
  const mostFiles = agent.manifest.limits.files ?? DEFAULT_FILES;
  const made = harvest(folder.work, { seen, writes, mostFiles });
  if (!made.ok) {
    return failed("permission-denied", shortened(redactSecrets(made.reason, secrets)), facts);
  }
  const { outcome, outputs, retryAfter, ...said } = reply;
  if (isDone(outcome))
    return { ...succeeded(outputs, { ...facts, ...said, files: made.files }), outcome };
  const retryAfterMs =
    outcome === "rate-limited" ? retryAfterMsOf(retryAfter, Date.now()) : undefined;
  return failed(outcome, said.rationale || `it says ${outcome}`, {
    ...facts,
    ...said,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** A path may be long; what is wrong with it stands at the end. */
function shortened(reason: string): string {
  return reason.length <= 400 ? reason : `${reason.slice(0, 250)}…${reason.slice(-150)}`;
}
