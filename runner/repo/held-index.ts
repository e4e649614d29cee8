import {
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import type { Checkout } from "./checkouts.ts";
import type { GitPlace } from "./git.ts";
import { writeWhole } from "./broken-world.ts";

/** Written into `index.lock`, so that recovery knows a lock that a dead runner left behind. */
const MARK = "fettle\n";
/** A name for each process: a git that outlives its killed runner for a moment must not meet the next one's copy. */
const COPY = "fettle-index-";

/**
 * The index of a work tree while nobody but the runner may change it.
 *
 * git's own lock file keeps the operator's git commands out; the runner works on a copy of the index,
 * so that git does not meet that lock, and puts the copy in place at the end.
 */
export interface HeldIndex {
  readonly checkout: Checkout;
  /** The operator's git dir and configuration, on the copy of the index. */
  readonly place: GitPlace & { readonly indexFile: string };
}

/** `undefined` when another git command holds the index, or left its lock behind. */
export function holdIndex(checkout: Checkout, operator: GitPlace): HeldIndex | undefined {
  const { gitDir, workTree } = checkout;
  const indexFile = join(gitDir, `${COPY}${process.pid}`);
  if (!lock(gitDir, indexFile)) return undefined;
  const held = {
    checkout,
    place: { ...operator, gitDir, folder: workTree, workTree, indexFile },
  };
  try {
    rmSync(indexFile, { force: true });
    if (existsSync(join(gitDir, "index"))) copyFileSync(join(gitDir, "index"), indexFile);
    return held;
  } catch (error) {
    releaseIndex(held);
    throw error;
  }
}

/** The lock appears with its mark in it: killed at any moment, the runner leaves none that cannot be told from git's. */
function lock(gitDir: string, scratch: string): boolean {
  writeWhole(scratch, MARK);
  try {
    linkSync(scratch, lockOf(gitDir));
    return true;
  } catch (error) {
    rmSync(scratch, { force: true });
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Makes the copy the operator's index. */
export function replaceIndex({ checkout: { gitDir }, place }: HeldIndex): void {
  renameSync(place.indexFile, join(gitDir, "index"));
}

export function releaseIndex({ checkout: { gitDir }, place }: HeldIndex): void {
  rmSync(place.indexFile, { force: true });
  rmSync(lockOf(gitDir), { force: true });
}

/** Removes a lock that a dead runner left; leaves every other one alone. Only under the runner's own lock. */
export function releaseAbandonedIndex(gitDir: string): void {
  const path = lockOf(gitDir);
  if (existsSync(path) && readFileSync(path, "utf8") === MARK) rmSync(path, { force: true });
  const copies = readdirSync(gitDir).filter((name) => name.startsWith(COPY));
  for (const name of copies) rmSync(join(gitDir, name), { force: true });
}

function lockOf(gitDir: string): string {
  return join(gitDir, "index.lock");
}
