/** The folders of a runner beside its repository. */
import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const OWN = "fettle";

/** The folder of a git dir that is the runner's own. */
export function ownFolderOf(commonDir: string): string {
  return join(commonDir, OWN);
}

/** Makes a folder and what is missing above it up to the runner's own: where the git dir is gone, moved or removed, nothing stands there again. */
export function makeOwnFolder(path: string): void {
  if (existsSync(path)) return;
  if (basename(path) !== OWN) makeOwnFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(path)) throw error;
  }
}
