/** The files of a workspace as they are on disk. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gitText } from "#runner/repo/git.ts";
import type { Repository } from "#runner/repo/repository.ts";

export interface DiskFiles {
  /** Folder that the paths begin at. */
  readonly top: string;
  /** Of all that git does not ignore. */
  readonly paths: readonly string[];
  readonly textOf: (path: string) => string;
}

const LISTED = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];

/** null where there is no work tree. */
export async function filesOnDisk({
  topLevel: top,
  operator,
}: Pick<Repository, "topLevel" | "operator">): Promise<DiskFiles | null> {
  if (top === undefined) return null;
  const listed = await gitText({ ...operator, workTree: top, folder: top }, LISTED);
  const paths = [...new Set(listed.split("\0").filter(Boolean))].filter(
    (path) => readText(top, path) !== undefined,
  );
  return { top, paths, textOf: (path) => readText(top, path) ?? "" };
}

function readText(top: string, path: string): string | undefined {
  try {
    return readFileSync(join(top, path), "utf8");
  } catch {
    return undefined;
  }
}
