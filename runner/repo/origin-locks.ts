/** Locks on refs of an origin that is a folder of this machine: a killed push leaves those of the receiving git behind. */
import { readdirSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { MAIN, RUNNER_BRANCHES } from "#runner/core/ref-names.ts";
import type { Repository } from "./repository.ts";

/** Where what is pushed is received, when that is a folder here; null when another machine has it. */
export function originFolder({ origin, network }: Repository): string | null {
  const url = origin?.pushUrl ?? "";
  const isElsewhere = /^[\w+.-]+:/.test(url) && !url.startsWith("file:///");
  if (url === "" || isElsewhere) return null;
  const path = url.startsWith("file:///") ? decodeURIComponent(new URL(url).pathname) : url;
  const folder = resolve(network.folder ?? ".", path);
  const [found] = [join(folder, ".git"), folder].filter((place) => isThere(join(place, "refs")));
  return found === undefined ? null : realpathSync(found);
}

/** Locks there of refs that runners push, as far as they are this user's: whoever made them can be seen by `isEntered`. */
export function originLocks(folder: string): readonly string[] {
  const runners = join(folder, RUNNER_BRANCHES);
  const below = isThere(runners)
    ? readdirSync(runners, { recursive: true, encoding: "utf8" }).map((name) => join(runners, name))
    : [];
  const others = ["HEAD", MAIN, "packed-refs"].map((name) => join(folder, `${name}.lock`));
  const locks = [...others, ...below].filter((path) => path.endsWith(".lock"));
  return locks.filter((path) => uidOf(path) === process.getuid?.());
}

/** Whether a program of this user is at work in the folder, as a git that receives a push is; null where nobody can tell. */
export function isEntered(folder: string): boolean | null {
  if (!isThere("/proc/self/cwd")) return null;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => `${placeOf(pid)}/`.startsWith(`${folder}/`));
}

function placeOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended, or is somebody else's.
    return "";
  }
}

function uidOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.uid ?? null;
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
