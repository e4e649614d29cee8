/** Packs that a git has begun and given up, as on a full disk: left there, they would keep it full. */
import { readdirSync, readlinkSync, realpathSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { GitPlace, GitResult } from "./git.ts";

const BEGUN = /^(?:\.tmp-|tmp_(?:pack|idx|rev))/;

/** Runs a git that writes packs; where it fails, what it has begun goes, and what a git of somebody else is writing stays. */
export async function withoutLeftPacks(
  { gitDir }: Pick<GitPlace, "gitDir">,
  run: () => Promise<GitResult>,
): Promise<GitResult> {
  const folder = join(gitDir, "objects", "pack");
  const before = new Set(begunIn(folder));
  let isDone = false;
  try {
    const result = await run();
    isDone = result.code === 0;
    return result;
  } finally {
    if (!isDone) removeLeft(begunIn(folder).filter((path) => !before.has(path)));
  }
}

/** Where nobody can tell whose they are, git gc takes them in time. */
function removeLeft(paths: readonly string[]): void {
  const open = paths.length === 0 ? null : openFiles();
  if (open === null) return;
  for (const path of paths) if (!open.has(path) && isOurs(path)) rmSync(path, { force: true });
}

/** What another user's programs hold open cannot be seen. */
function isOurs(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

function begunIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  const place = realpathSync(folder);
  return readdirSync(place).flatMap((name) => (BEGUN.test(name) ? [join(place, name)] : []));
}

/** Files that programs of this user hold open; null where nobody can tell. */
function openFiles(): ReadonlySet<string> | null {
  if (statSync("/proc/self/fd", { throwIfNoEntry: false }) === undefined) return null;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Set(pids.flatMap((pid) => heldBy(join("/proc", pid, "fd"))));
}

function heldBy(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((fd) => readlinkSync(join(folder, fd)));
  } catch {
    // It has ended, or is somebody else's.
    return [];
  }
}
