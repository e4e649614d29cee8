import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { gitError } from "./broken-world.ts";
import { SILENCE_MS, type Watch, watchSilence, withoutProgress } from "./silence.ts";

/** Environment variables as plain data; only `wire.ts` reads the real ones. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a git command runs and whose configuration it obeys.
 *
 * `runner`: the runner's own git dir, no configuration but ours. `network`: the same git dir, plus the
 * operator's user-level configuration (credentials, ssh). `operator`: the operator's git dir and all of
 * its configuration, for the work tree alone. Hooks never run.
 */
export interface GitPlace {
  readonly trust: "runner" | "network" | "operator";
  readonly gitDir: string;
  readonly environment: Environment;
  readonly folder?: string;
  readonly workTree?: string;
  readonly indexFile?: string;
  /** Hears of each git here that a signal ends. */
  readonly killed?: KilledGits;
  /** One that talks to the network is ended when it says nothing for so long: five minutes, where nobody says otherwise. */
  readonly silenceMs?: number;
}

/** The gits of a repository that a signal has ended: they may have left locks and unfinished files. */
export class KilledGits {
  #wasOne = false;

  note(): void {
    this.#wasOne = true;
  }

  /** Whether there was one since this was asked last. */
  forget(): boolean {
    const answer = this.#wasOne;
    this.#wasOne = false;
    return answer;
  }
}

export interface GitOptions extends GitPlace {
  readonly stdin?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** `code` is git's exit code: 127 when git is not installed, 128 when one that talks to the network was ended, by a signal or for its silence. */
export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const HOOKS_OFF = ["core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0"];
const HARDENED = [
  ...HOOKS_OFF,
  "maintenance.auto=false",
  "core.fsync=all",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "protocol.ext.allow=never",
  "submodule.recurse=false",
  "push.followTags=false",
  "push.gpgSign=false",
  "fetch.writeCommitGraph=false",
  "commit.gpgSign=false",
  "user.name=fettle",
  "user.email=fettle@localhost",
];

const KEPT_BY_RUNNER = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"];
const KEPT_GIT_VARIABLE =
  /^GIT_(?:ASKPASS|SSH|SSH_COMMAND|SSH_VARIANT|PROXY_COMMAND|CONFIG_.*|SSL_.*|HTTP_.*|ALLOW_PROTOCOL)$/;
const SIGNAL_EXIT = 128;
const NOT_FOUND_EXIT = 127;
const KILLED = "EKILLED";

/**
 * Runs one git command to its end; a non-zero code is a value, an abort rejects with the signal's reason.
 *
 * What somebody else killed has answered nothing: it is run once more, then it is an error. Of the network alone the
 * end of a connection is an answer, and a push may have been heard: whoever asks for it finds out.
 */
export async function git(options: GitOptions, args: readonly string[]): Promise<GitResult> {
  const first = await runGit(options, args);
  if (first.killedBy === null) return first;
  const mayAskAgain = options.trust !== "network" || args[0] !== "push";
  const last = mayAskAgain ? await runGit(withoutLock(options), args) : first;
  if (last.killedBy === null) return last;
  const error = killedError(args, last.killedBy);
  if (options.trust !== "network") throw error;
  return { ...last, stderr: `${last.stderr}\nerror: ${error.message}` };
}

/** An index of the runner's own is locked by nobody else. */
function withoutLock(options: GitOptions): GitOptions {
  if (options.indexFile !== undefined) rmSync(`${options.indexFile}.lock`, { force: true });
  return options;
}

async function runGit(options: GitOptions, args: readonly string[]): Promise<Collected> {
  options.signal?.throwIfAborted();
  const child = spawnGit(options, args);
  const stop = (): void => end(child);
  options.signal?.addEventListener("abort", stop, { once: true });
  const watch =
    options.trust === "network"
      ? watchSilence(child, options.silenceMs ?? SILENCE_MS, stop)
      : undefined;
  try {
    const result = await collect(child, options.stdin ?? "");
    options.signal?.throwIfAborted();
    return watch === undefined ? result : heard(result, watch);
  } finally {
    watch?.stop();
    options.signal?.removeEventListener("abort", stop);
  }
}

/** That nothing was heard is an answer: it is not asked again here. */
function heard(result: Collected, watch: Watch): Collected {
  const why = watch.why();
  if (why === null) return { ...result, stderr: withoutProgress(result.stderr) };
  return { code: SIGNAL_EXIT, stdout: Buffer.alloc(0), stderr: why, killedBy: null };
}

/** What it has started, ssh for one, may live on and hold its pipes: they are waited for no longer than git itself. */
function end(child: ChildProcess & PipedStreams): void {
  const letGo = (): void => {
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
  };
  if (child.exitCode === null && child.signalCode === null) child.once("exit", letGo);
  else letGo();
  child.kill("SIGTERM");
}

/** Like `git`, for commands that can only fail in a broken repository; returns what was printed. */
export async function gitText(options: GitOptions, args: readonly string[]): Promise<string> {
  const result = await git(options, args);
  if (result.code !== 0) throw gitFailure(args, result);
  return result.stdout.toString("utf8");
}

/** An error that names the command, its exit code and what git said. */
export function gitFailure(
  args: readonly string[],
  result: Pick<GitResult, "code" | "stderr">,
): Error {
  const { code, stderr } = result;
  const message = `git ${args.join(" ")} ended with ${code}: ${stderr.trim() || "no message"}`;
  return gitError({ message, stderr, command: `git ${args[0] ?? ""}` });
}

/** The error of a git that a signal ended. */
export function killedError(args: readonly string[], signal: string): Error {
  const command = ["git", ...args.slice(0, 1)].join(" ");
  return Object.assign(new Error(`${command} was ended by ${signal}`), {
    code: KILLED,
    path: command,
  });
}

export function isKilled(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === KILLED;
}

/**
 * Starts git and hands over its pipes, in a session of its own: Ctrl-C in a terminal reaches every program of the
 * foreground. One that talks to the network stays there, so that ssh can ask for a passphrase.
 */
export function spawnGit(place: GitPlace, args: readonly string[]): ChildProcess & PipedStreams {
  const child: ChildProcess = spawn("git", [...configuration(place.trust), ...args], {
    cwd: place.folder ?? place.gitDir,
    env: environmentFor(place),
    stdio: ["pipe", "pipe", "pipe"],
    detached: place.trust !== "network",
  });
  child.once("exit", (_, killedBy) => {
    if (killedBy !== null) place.killed?.note();
  });
  if (hasPipes(child)) return child;
  // Only where no file can be opened are there none; why is told a moment later, when nobody listens any more.
  child.on("error", () => undefined);
  throw Object.assign(new Error("spawn git EMFILE"), { code: "EMFILE", path: "git" });
}

function hasPipes(child: ChildProcess): child is ChildProcess & PipedStreams {
  return Boolean(child.stdin && child.stdout && child.stderr);
}

interface PipedStreams {
  readonly stdin: NonNullable<ChildProcess["stdin"]>;
  readonly stdout: NonNullable<ChildProcess["stdout"]>;
  readonly stderr: NonNullable<ChildProcess["stderr"]>;
}

function configuration(trust: GitPlace["trust"]): string[] {
  const settings = trust === "operator" ? HOOKS_OFF : HARDENED;
  return settings.flatMap((setting) => ["-c", setting]);
}

function environmentFor(place: GitPlace): Record<string, string> {
  const kept = Object.entries(place.environment).filter(([name]) =>
    place.trust === "runner"
      ? KEPT_BY_RUNNER.includes(name)
      : !name.startsWith("GIT_") || KEPT_GIT_VARIABLE.test(name),
  );
  const isolated = { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const all = {
    ...Object.fromEntries(kept),
    ...(place.trust === "runner" ? isolated : {}),
    ...(place.trust === "operator" ? {} : { GIT_NO_LAZY_FETCH: "1" }),
    GIT_DIR: place.gitDir,
    GIT_WORK_TREE: place.workTree,
    GIT_INDEX_FILE: place.indexFile,
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

interface Collected extends GitResult {
  readonly killedBy: NodeJS.Signals | null;
}

function collect(
  child: ChildProcess & PipedStreams,
  stdin: string | Uint8Array,
): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // A command may end before it has read its input; its exit code tells what happened.
    child.stdin.on("error", () => undefined);
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") return reject(error);
      const nothing = { stdout: Buffer.alloc(0), killedBy: null };
      resolve({ ...nothing, code: NOT_FOUND_EXIT, stderr: "git was not found" });
    });
    child.on("close", (code, killedBy) =>
      resolve({
        killedBy,
        code: code ?? SIGNAL_EXIT,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString("utf8"),
      }),
    );
    child.stdin.end(stdin);
  });
}
