import { readFileSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./durable-file.ts";
import { makeOwnFolder, ownFolderOf } from "./own-folder.ts";

const SHARED = ["objects", "refs", "packed-refs", "shallow", "logs"];
// A ref that never exists: nothing the runner does moves a HEAD, so no HEAD reflog is written either.
const HEAD = "ref: refs/fettle/none\n";

/**
 * Makes the runner's own git dir in `<common dir>/fettle/git` and returns its path; repairs one that was changed.
 *
 * It shares objects and refs with the operator's repository by symbolic links, and nothing that can make
 * git start a program: configuration, hooks, attributes and work tree stay behind. Links may dangle.
 */
export function makeOwnGitDir(commonDir: string, objectFormat: "sha1" | "sha256"): string {
  const folder = join(ownFolderOf(commonDir), "git");
  for (const name of ["hooks", "info"]) makeOwnFolder(join(folder, name));
  for (const name of SHARED) linkTo(join("..", "..", name), join(folder, name));
  writeIfChanged(join(folder, "HEAD"), HEAD);
  writeIfChanged(join(folder, "config"), configuration(objectFormat));
  return folder;
}

function configuration(objectFormat: "sha1" | "sha256"): string {
  const [version, extensions] =
    objectFormat === "sha1" ? [0, ""] : [1, "[extensions]\n\tobjectFormat = sha256\n"];
  const core = `repositoryformatversion = ${version}\n\tbare = true\n\tlogAllRefUpdates = false`;
  return `[core]\n\t${core}\n${extensions}`;
}

function linkTo(target: string, path: string): void {
  try {
    if (readlinkSync(path) === target) return;
  } catch (error) {
    // EINVAL: a plain file stands where the link belongs.
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EINVAL") throw error;
  }
  const fresh = `${path}.${process.pid}`;
  symlinkSync(target, fresh);
  renameSync(fresh, path);
}

function writeIfChanged(path: string, text: string): void {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  replaceFile(path, text);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
