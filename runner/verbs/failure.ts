/** What an exception becomes: a broken world is told plainly, everything else is a bug. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isCutOff, NEVER } from "#runner/loop/unless-stopped.ts";
import { isDamage, isPromised } from "#runner/repo/damage.ts";
import { isKilled } from "#runner/repo/git.ts";
import { refused, type Answer } from "./verb.ts";

const WORLD: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: ["permission denied", "the folder must be yours to write"],
  EPERM: ["operation not permitted", "the folder must be yours to write"],
  EROFS: ["the file system is read-only", "work in a folder that can be written"],
  ENOSPC: ["the disk is full", "make room and try again"],
  EDQUOT: ["the disk quota is used up", "make room and try again"],
  EIO: ["it could not be written", "the disk may be full or failing: make room and try again"],
  EKILLED: ["somebody or something killed it at work", "try again"],
  ELOCKED: [
    "another git is at work, or one that died has left it",
    "where no git is at work remove it, and try again",
  ],
  EMFILE: ["too many open files", "ulimit -n 4096"],
  ENFILE: ["this machine has too many open files", "end some programs and try again"],
  EAGAIN: ["no more programs can be started", "end some, or raise the limit: ulimit -u"],
  ENOMEM: ["there is not enough memory", "end some programs and try again"],
  EFBIG: ["a file may not grow so large", "ulimit -f unlimited"],
  ESTALE: ["the file system has lost it", "mount it again and try again"],
  ENOTCONN: ["the file system is not connected any more", "mount it again and try again"],
  EREFEXISTS: [
    "it stands where fettle keeps its branches",
    "git branch -m   gives it another name",
  ],
};

const GONE = [
  "the repository is not there any more",
  "it was moved or removed while fettle was at work: fettle reconcile   where it is now",
] as const;

/** What git's absence looks like to who starts it, and to a shell that does. */
const NO_GIT = /spawn git ENOENT|^git .* ended with 127/u;

const NO_FOLDER = refused(
  "usage",
  "the folder in which this was started is not there any more",
  "cd   to where the workspace is",
);

const STOPPED = refused(
  "interrupted",
  "stopped before it was done",
  "start it again: what was done is kept",
);

/** `stop`: what Ctrl-C aborts. */
export function failureOf(error: unknown, stop: AbortSignal = NEVER): Answer {
  if (isCutOff(error, stop) || (stop.aborted && isKilled(error))) return STOPPED;
  const known = stateOf(error) ?? worldOf(error);
  if (known !== undefined) return known;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = "this is a bug in fettle, please report it";
  return {
    exit: "bug",
    problem: `${message}\n${detail}`,
    json: { error: { code: "bug", message, hint: detail } },
  };
}

/** The shipped program holds classes more than once, so that an instance is known by its name only. */
function stateOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || error.name !== "StateFormatError") return undefined;
  const hint = "hint" in error && typeof error.hint === "string" ? error.hint : "";
  const exit = "exit" in error && error.exit === "refused" ? "refused" : "usage";
  return refused(exit, error.message, hint);
}

const PROMISED_HINT =
  "a partial clone gets contents when they are needed: git fetch origin   must work; then try again";
const DAMAGE_HINT =
  "fettle doctor   says what is damaged; fettle doctor --repair   brings back what can be had";

function worldOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("syscall" in error && error.syscall === "uv_cwd") return NO_FOLDER;
  if (isDamage(error)) return refused("failed", error.message, DAMAGE_HINT);
  if (isPromised(error)) return refused("temporary", error.message, PROMISED_HINT);
  if (NO_GIT.test(error.message))
    return refused("usage", "git is not installed", "apt-get install git");
  return "code" in error && typeof error.code === "string" ? placed(error, error.code) : undefined;
}

function placed(error: Error, code: string): Answer | undefined {
  const place = placeOf(error);
  const words = WORLD[code] ?? (isGone(code, place) ? GONE : undefined);
  if (words === undefined) return undefined;
  const [what, hint] = words;
  return refused("temporary", place === undefined ? what : `${place}: ${what}`, hint);
}

/** A file of a repository is missing because all of the repository is. */
function isGone(code: string, place: string | undefined): boolean {
  const [gitDir] = /^.*\.git(?=\/)/u.exec(place ?? "") ?? [];
  return code === "ENOENT" && gitDir !== undefined && !existsSync(join(gitDir, "HEAD"));
}

/** What could not be written; of a copy it is the target. */
function placeOf(error: Error): string | undefined {
  const { path, dest }: { path?: unknown; dest?: unknown } = Object(error);
  return [dest, path].find((place) => typeof place === "string");
}
