/**
 * A program whose writing system calls are counted, over all of its processes and threads, and that stands still at one of them.
 *
 * strace counts calls for its own injections by process and by call, so a child of git would never be stopped at its third
 * write before the program itself came to its third. Therefore one strace tells all calls of the whole tree in the order in
 * which they begin, one line each, and a second strace, which traces the first, stops it at the line that was asked for:
 * the call of that line has not been carried out then, and nobody else comes past his next one.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childrenOf, kill, killAll, tracedBy } from "../../support/process-tree.ts";

export interface Program {
  readonly argv: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the traces are written. */
  readonly notes: string;
}

/** A call that was about to begin. `line` is its number in the trace. */
export interface WritingCall {
  readonly line: number;
  readonly text: string;
}

export type Stopped =
  | { readonly kind: "killed"; readonly at: string }
  /** It had ended before it came to that line. */
  | { readonly kind: "ended" };

// The state before the first write to a file is that after its creation, so openat need not be traced.
const CALLS =
  "write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,ftruncate,fallocate,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,symlink,symlinkat,chmod,fchmod,fchmodat,utimensat";
const INNER = [
  "-f",
  "--seccomp-bpf",
  "-y",
  "-s",
  "16",
  "-e",
  "signal=none",
  "-e",
  `trace=${CALLS}`,
];
const OUTER = ["-s", "4096", "-e", "signal=SIGSTOP", "-e", "trace=write"];
const POLL_MS = 5;
const PATIENCE_MS = 60_000;

/** Why nothing can be traced here; null when it can. */
export function whyNotTraced(): string | null {
  const probe = spawnSync("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"]);
  if (probe.error !== undefined) return "strace is not installed";
  return probe.status === 0 ? null : `strace cannot trace here: ${probe.stderr.toString()}`;
}

/** Of calls that differ in nothing but ids and numbers, such as those for each object of a push, so many are told. */
const MOST_ALIKE = 4;

/** Runs it to its end; the calls that write below one of the `folders`, in order. */
export async function recorded(
  program: Program,
  folders: readonly string[],
): Promise<readonly WritingCall[]> {
  const outer = startTraced(program, []);
  await ended(outer);
  return readFileSync(join(program.notes, "outer.log"), "utf8")
    .split("\n")
    .filter((told) => told.startsWith("write("))
    .map((told, index): WritingCall => ({ line: index + 1, text: lineOf(told) }))
    .filter(({ text }) => BEGINS.test(text) && folders.some((folder) => text.includes(folder)))
    .filter(fewAlike());
}

function fewAlike(): (call: WritingCall) => boolean {
  const met = new Map<string, number>();
  return ({ text }) => {
    const kind = text
      .replace(/^\d+ +/, "")
      .replace(/", .*|>, .*/, "")
      .replaceAll(VARIABLE, "#");
    const count = (met.get(kind) ?? 0) + 1;
    met.set(kind, count);
    return count <= MOST_ALIKE;
  };
}

/** Runs it until the call of this line is about to begin, and kills all of its processes there. */
export async function killedAt(program: Program, line: number): Promise<Stopped> {
  const outer = startTraced(program, ["-e", `inject=write:signal=SIGSTOP:when=${line}`]);
  const end = ended(outer);
  const log = join(program.notes, "outer.log");
  const deadline = Date.now() + PATIENCE_MS;
  while (outer.exitCode === null && !isStopped(log)) {
    if (Date.now() > deadline) throw new Error(`neither ended nor came to line ${line}`);
    await sleep(POLL_MS);
  }
  if (outer.exitCode !== null) return { kind: "ended" };
  const [inner = 0] = childrenOf(outer.pid ?? 0);
  // They die when their tracer lets go of them, before they do anything else: so it must be killed after them.
  const doomed = tracedBy(inner);
  kill(doomed);
  await killAll([inner, outer.pid ?? 0, ...doomed]);
  await end;
  return { kind: "killed", at: lastBegun(join(program.notes, "inner.log")) };
}

const VARIABLE =
  /incoming-\w+|tmp_obj_\w+|\d+(?=<)|(?<=\/)[0-9a-f]{2}(?=[/"])|[0-9a-f]{38,64}|\d{3,}/g;
const BEGINS = /^\d+ +[a-z]\w+\(/;

function startTraced(program: Program, inject: readonly string[]): ChildProcess {
  const [outer, inner] = ["outer.log", "inner.log"].map((name) => join(program.notes, name));
  if (outer === undefined || inner === undefined) throw new Error("two traces are two files");
  for (const log of [outer, inner]) rmSync(log, { force: true });
  const args = [...OUTER, ...inject, "-o", outer, "strace", ...INNER, "-o", inner, ...program.argv];
  const { folder: cwd, environment: env } = program;
  return spawn("strace", args, { cwd, env, stdio: "ignore", detached: true });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("close", () => resolve()));
}

function isStopped(log: string): boolean {
  return existsSync(log) && readFileSync(log, "latin1").slice(-200).includes("stopped by SIGSTOP");
}

/** What was written, as the outer trace quotes it. */
function lineOf(told: string): string {
  const quoted = /^write\(\d+(?:<[^>]*>)?, "(.*)"(?:\.\.\.)?, \d+/.exec(told)?.[1] ?? "";
  return quoted.replaceAll(String.raw`\"`, '"').replaceAll(String.raw`\n`, "");
}

function lastBegun(log: string): string {
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.findLast((line) => BEGINS.test(line)) ?? "";
}
