/** The throwaway folder of an attempt: `work/` with the files the agent may see, its `home/`, `tmp/` and `checkpoints/`. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RepositoryFile } from "./invocation.ts";

export interface AttemptFolder {
  readonly root: string;
  readonly work: string;
  readonly home: string;
  readonly tmp: string;
  /** Not made yet. */
  readonly checkpoints: string;
}

/** Lays the files out below a new folder of `workRoot`. */
export function makeAttemptFolder(
  workRoot: string,
  files: readonly RepositoryFile[],
): AttemptFolder {
  mkdirSync(workRoot, { recursive: true });
  const root = mkdtempSync(join(workRoot, "attempt-"));
  const folder = {
    root,
    work: join(root, "work"),
    home: join(root, "home"),
    tmp: join(root, "tmp"),
    checkpoints: join(root, "checkpoints"),
  };
  for (const path of [folder.work, folder.home, folder.tmp]) mkdirSync(path);
  const made = new Set([folder.work]);
  for (const { path, content, executable } of files) {
    const target = join(folder.work, path);
    const parent = dirname(target);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    try {
      writeFileSync(target, content, { mode: executable ? 0o755 : 0o644, flag: "wx" });
    } catch (error) {
      // Node does not say which file did not find room.
      throw Object.assign(error instanceof Error ? error : new Error(String(error)), {
        path: target,
      });
    }
  }
  return folder;
}

/**
 * Removes the folder, also when the agent took away the rights to its folders. What still resists is left behind: it decides nothing.
 * A disk takes its time over it, in which other steps go on.
 */
export async function removeAttemptFolder({ root }: AttemptFolder): Promise<void> {
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    await remove();
  } catch {
    try {
      openUp(root);
      await remove();
    } catch {
      // left behind
    }
  }
}

function openUp(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) openUp(join(folder, entry.name));
  }
}
