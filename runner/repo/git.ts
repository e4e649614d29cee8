import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { gitError } from "./broken-world.ts";

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
}

export interface GitOptions extends GitPlace {
  readonly stdin?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

/** `code` is git's exit code: 127 when git is not installed, 128 + n after signal n. */
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

/** Runs one git command to its end; a non-zero code is a value, an abort rejects with the signal's reason. */
export async function git(options: GitOptions, args: readonly string[]): Promise<GitResult> {
  options.signal?.throwIfAborted();
  const child = spawnGit(options, args);
  const stop = (): void => void child.kill("SIGTERM");
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    const result = await collect(child, options.stdin ?? "");
    options.signal?.throwIfAborted();
    return result;
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
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

/** Starts git and hands over its pipes; `detached` keeps a long-lived process out of the terminal's Ctrl-C. */
export function spawnGit(
  place: GitPlace,
  args: readonly string[],
  detached = false,
): ChildProcess & PipedStreams {
  return spawn("git", [...configuration(place.trust), ...args], {
    cwd: place.folder ?? place.gitDir,
    env: environmentFor(place),
    stdio: ["pipe", "pipe", "pipe"],
    detached,
  });
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

function collect(
  child: ChildProcess & PipedStreams,
  stdin: string | Uint8Array,
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // A command may end before it has read its input; its exit code tells what happened.
    child.stdin.on("error", () => undefined);
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") return reject(error);
      resolve({ code: NOT_FOUND_EXIT, stdout: Buffer.alloc(0), stderr: "git was not found" });
    });
    child.on("close", (code) =>
      resolve({
        code: code ?? SIGNAL_EXIT,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString("utf8"),
      }),
    );
    child.stdin.end(stdin);
  });
}
