/**
 * Runs one program to its end, whatever it does.
 *
 * `node:child_process` and not execa: an agent is started for every step, execa costs more at import than a start does,
 * and what makes it worth having (timeouts, killing) does not reach a grandchild that holds the pipes.
 */
import {
  type Child,
  type NotStarted,
  type ProcessOptions,
  startProcess,
  type Started,
} from "./process-start.ts";

export interface Program extends ProcessOptions {
  readonly stdin: string;
  readonly wallMs: number;
  readonly stdoutBytes: number;
  /** How long after its failure a stop still counts as the cause. */
  readonly momentMs?: number;
}

type Stop = "deadline" | "cancelled" | "stdout-full" | "stderr-full";

export interface ProgramEnd {
  /** Why it was killed; undefined when it ended by itself. */
  readonly stop: Stop | undefined;
  /** `exit code 3`, `signal SIGSEGV`, or why it could not be started; undefined for exit code 0. */
  readonly failure: string | undefined;
  readonly notStarted?: NotStarted;
  /** Standard output up to the cap. */
  readonly stdout: Buffer;
  /** The last 64 KiB of standard error. */
  readonly stderr: Buffer;
  /** There was more of it. */
  readonly isCut: boolean;
}

const STDERR_TAIL = 64 * 1024;
const STDERR_CAP = 16 * 1024 * 1024;
/** How long the pipes may stay open after the program has gone: an escaped process may hold them for ever. */
const DRAIN_MS = 250;
/** Who ends this process with all that it has started may come to what it has started first. */
const MOMENT_MS = 50;
/** Turns of the event loop that reading what two pipes hold takes at most. */
const MOST_TURNS = 64;

/**
 * Starts the program in a process group of its own (and in the cage), feeds it, and kills everything that it started at
 * the deadline, at a cap, on abort, and when the program itself has ended. Never rejects.
 */
export async function runProgram(program: Program, signal: AbortSignal): Promise<ProgramEnd> {
  const started = await startProcess(program);
  if (started.kind === "started") return runStarted(started, program, signal);
  const nothing = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), isCut: false };
  const failure = `it could not be started: ${started.why}`;
  return { stop: undefined, failure, notStarted: started, ...nothing };
}

function runStarted(
  { child, killTree, forget }: Started,
  program: Program,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  let stop: Stop | undefined;
  const halt = (why: Stop): void => {
    if (stop !== undefined) return;
    stop = why;
    killTree();
  };
  const output = collect(child, program, halt);
  const onAbort = (): void => halt("cancelled");
  const timer = setTimeout(halt, Math.max(program.wallMs, 0), "deadline");
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  child.stdin.on("error", () => {}); // it need not read its input
  child.stdin.end(program.stdin);
  return ended(child, killTree)
    .finally(() => {
      forget();
      clearTimeout(timer);
    })
    .then(async (failure) => {
      const isAlone = failure !== undefined && stop === undefined;
      if (isAlone) await untilAborted(signal, program.momentMs ?? MOMENT_MS);
      return { stop, failure, ...output() };
    })
    .finally(() => signal.removeEventListener("abort", onAbort));
}

function untilAborted(signal: AbortSignal, mostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, mostMs);
    signal.addEventListener("abort", end);
  });
}

/** Resolves with the failure when the program has ended and its pipes are drained or given up. */
function ended(child: Child, killTree: () => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      killTree();
      const failure = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const settle = (): void => {
        clearTimeout(drain);
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
        resolve(code === 0 ? undefined : failure);
      };
      // When this process was too busy to read, the time is over before what stands in the pipes was looked at.
      const drain = setTimeout(() => onceRead(child, settle), DRAIN_MS);
      child.once("close", settle);
    });
  });
}

/** Waits until a turn of the event loop brings nothing more, up to as many turns as what the pipes hold can take. */
function onceRead(child: Child, then: () => void, turns = MOST_TURNS): void {
  let hasRead = false;
  const note = (): void => {
    hasRead = true;
  };
  const pipes = [child.stdout, child.stderr];
  for (const pipe of pipes) pipe.on("data", note);
  setImmediate(() => {
    for (const pipe of pipes) pipe.off("data", note);
    if (turns > 0 && hasRead) onceRead(child, then, turns - 1);
    else then();
  });
}

/** Gathers both outputs within their caps; what comes after a cap is dropped. */
function collect(
  child: Child,
  program: Program,
  halt: (why: Stop) => void,
): () => Pick<ProgramEnd, "stdout" | "stderr" | "isCut"> {
  const stdout: Buffer[] = [];
  let stdoutBytes = 0;
  let stderr = Buffer.alloc(0);
  let stderrBytes = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    stdoutBytes += chunk.length;
    if (stdoutBytes <= program.stdoutBytes) stdout.push(chunk);
    else halt("stdout-full");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderrBytes += chunk.length;
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL);
    if (stderrBytes > STDERR_CAP) halt("stderr-full");
  });
  return () => ({
    stdout: Buffer.concat(stdout),
    stderr,
    isCut: stderrBytes > stderr.length,
  });
}
