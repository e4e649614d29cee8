import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The git dir that governs a folder and, unless it was found as a bare one, the folder that holds `.git`. */
export interface FoundGitDir {
  readonly gitDir: string;
  readonly commonDir: string;
  readonly topLevel: string | undefined;
}

/** Looks from `start` upwards for `.git` (a folder, or the file of a linked work tree) or a bare repository. */
export function findGitDir(start: string): FoundGitDir | undefined {
  const folder = absentAsUndefined(() => realpathSync(start));
  for (let at = folder; at !== undefined; at = at === dirname(at) ? undefined : dirname(at)) {
    const gitDir = gitDirIn(at);
    if (gitDir !== undefined) return { gitDir, commonDir: commonDirOf(gitDir), topLevel: at };
    if (looksLikeGitDir(at)) return { gitDir: at, commonDir: commonDirOf(at), topLevel: undefined };
  }
  return undefined;
}

/** The shared git dir of a linked work tree's git dir; the dir itself otherwise. */
function commonDirOf(gitDir: string): string {
  const written = absentAsUndefined(() => readFileSync(join(gitDir, "commondir"), "utf8"));
  return written === undefined ? gitDir : realpathSync(resolve(gitDir, written.trim()));
}

function gitDirIn(folder: string): string | undefined {
  const path = join(folder, ".git");
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return looksLikeGitDir(path) ? realpathSync(path) : undefined;
  if (!stat?.isFile()) return undefined;
  const target = /^gitdir: (.+)/.exec(readFileSync(path, "utf8"))?.[1];
  return target === undefined
    ? undefined
    : absentAsUndefined(() => realpathSync(resolve(folder, target)));
}

function looksLikeGitDir(folder: string): boolean {
  if (!existsSync(join(folder, "HEAD"))) return false;
  const parts = ["objects", "refs"];
  return (
    existsSync(join(folder, "commondir")) || parts.every((part) => existsSync(join(folder, part)))
  );
}

const ABSENT: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR"]);

/** What cannot be read now for another reason is there all the same. */
function absentAsUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && ABSENT.has(error.code)) return undefined;
    throw error;
  }
}
