import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What `HEAD` of a work tree says. */
export type Head =
  | { readonly kind: "branch"; readonly ref: string }
  | { readonly kind: "detached"; readonly oid: string };

/** A folder in which files are checked out: the main work tree or a linked one. */
export interface Checkout {
  readonly gitDir: string;
  readonly workTree: string;
  readonly head: Head;
}

/** Every work tree of the repository that exists on this disk, read from the git dir's files. */
export function listCheckouts(repository: {
  readonly commonDir: string;
  readonly mainWorkTree: string | undefined;
}): readonly Checkout[] {
  const { commonDir, mainWorkTree } = repository;
  const main = mainWorkTree ? [{ gitDir: commonDir, workTree: mainWorkTree }] : [];
  const found = [...main, ...linkedWorkTrees(commonDir)];
  return found.flatMap(({ gitDir, workTree }) => {
    const head = readHead(gitDir);
    return head === undefined || !existsSync(workTree) ? [] : [{ gitDir, workTree, head }];
  });
}

/** `undefined` when the file is absent or says nothing that git understands. */
export function readHead(gitDir: string): Head | undefined {
  const text = readText(join(gitDir, "HEAD"));
  const ref = /^ref: (\S+)/.exec(text)?.[1];
  if (ref !== undefined) return { kind: "branch", ref };
  const oid = /^[0-9a-f]{40,64}/.exec(text)?.[0];
  return oid === undefined ? undefined : { kind: "detached", oid };
}

function linkedWorkTrees(commonDir: string): { gitDir: string; workTree: string }[] {
  const folder = join(commonDir, "worktrees");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => {
    const gitDir = join(folder, name);
    const gitFile = readText(join(gitDir, "gitdir")).trim();
    return gitFile ? [{ gitDir, workTree: dirname(resolve(gitDir, gitFile)) }] : [];
  });
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
