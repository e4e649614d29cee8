/** The files of a fresh workspace: copied from the program's own example. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { GitError, simpleGit, type SimpleGit } from "simple-git";
import { gitError, writeWhole } from "#runner/repo/broken-world.ts";
import { isKilled, killedError } from "#runner/repo/git.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** Copies files, and folders file by file; gives the paths that it wrote. Nothing that exists is changed. */
export function copyMissing(from: string, to: string, paths: readonly string[]): readonly string[] {
  const wanted = allUnder(from, paths).filter((path) => !existsSync(join(to, path)));
  for (const path of wanted) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
  }
  return wanted;
}

/** Files, those of folders too, that stand in `to` as they are in `from`. */
export function copiesIn(to: string, from: string, paths: readonly string[]): readonly string[] {
  return allUnder(from, paths).filter((path) => isAs(to, path, readFileSync(join(from, path))));
}

/** Whether a file is there, and holds just that. */
export function isAs(folder: string, path: string, content: string | Buffer): boolean {
  const file = join(folder, path);
  return existsSync(file) && readFileSync(file).equals(Buffer.from(content));
}

function allUnder(from: string, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => filesUnder(from, path));
}

function filesUnder(from: string, path: string): readonly string[] {
  const found = statSync(join(from, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(join(from, path)).flatMap((name) => filesUnder(from, `${path}/${name}`));
}

export function writeMissing(folder: string, path: string, text: string): readonly string[] {
  const target = join(folder, path);
  if (existsSync(target)) return [];
  mkdirSync(dirname(target), { recursive: true });
  writeWhole(target, text);
  return [path];
}

/** Agents of the studio. */
export function agentFolders(programFolder: string): readonly string[] {
  return readdirSync(join(programFolder, "agents")).map((name) => `agents/${name}`);
}

/** What a signal has ended answers nothing; simple-git alone would take it for a git that found nothing. */
function gitIn(folder: string): SimpleGit {
  return simpleGit(folder, {
    errors: (error, { exitCode }) =>
      error ?? (Number.isInteger(exitCode) ? undefined : killedGit()),
  });
}

/** Of the kind that simple-git passes on as it is. */
function killedGit(): GitError {
  const error = killedError([], "a signal");
  return Object.assign(new GitError(undefined, error.message), error);
}

/** Top folder of the repository that `folder` is in; null when it is in none. */
export async function repositoryAround(folder: string): Promise<string | null> {
  const git = gitIn(folder);
  if (!(await git.checkIsRepo())) return null;
  const top = (await git.revparse(["--show-toplevel"])).trim();
  return top === realpathSync(folder) ? folder : top;
}

/** The branch that is checked out. */
export async function branchIn(folder: string): Promise<string> {
  return (await gitIn(folder).raw(["symbolic-ref", "--short", "HEAD"])).trim();
}

/** Makes a repository with the branch main. */
export async function initRepository(folder: string, who: Person | null): Promise<void> {
  const git = gitIn(folder);
  await told("git init", async () => {
    await git.init(["--initial-branch=main"]);
    if (who === null) return;
    await git.addConfig("user.name", who.name);
    await git.addConfig("user.email", who.email);
  });
}

export async function commitPaths(
  folder: string,
  paths: readonly string[],
  message: string,
): Promise<void> {
  const git = gitIn(folder);
  await told("git commit", async () => {
    // What the person's own ignore rules name (often .vscode) belongs to a workspace all the same.
    await git.raw(["add", "--force", "--", ...paths]);
    await git.commit(message, [...paths], { "--no-verify": null });
  });
}

/** Does what makes files; a failure that git puts down to the disk is told as one of the disk. */
async function told(command: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isKilled(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw gitError({ message, stderr: message, command, cause: error });
  }
}

/** Whether the commit that is checked out has a file of this name. */
export async function isCommitted(folder: string, path: string): Promise<boolean> {
  return (await gitIn(folder).raw(["rev-parse", "--verify", "--quiet", `HEAD:${path}`])) !== "";
}

/** Name and e-mail that git would commit with in `folder`; null when it has none. */
export async function identityIn(folder: string): Promise<Person | null> {
  const git = gitIn(existsSync(folder) ? folder : dirname(folder));
  const [name, email] = await Promise.all([
    git.getConfig("user.name"),
    git.getConfig("user.email"),
  ]);
  return email.value === null ? null : { name: name.value ?? email.value, email: email.value };
}

/** Whether the commit that is checked out holds these files as they are. */
export async function areCommitted(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<boolean> {
  const git = gitIn(folder);
  const [tracked, changed] = await Promise.all([
    git.raw(["ls-tree", "-r", "-z", "--name-only", "HEAD", "--", ".github"]),
    git.raw(["diff", "--name-only", "HEAD", "--", ".github"]),
  ]);
  const known = new Set(tracked.split("\0"));
  return changed === "" && [...files.keys()].every((path) => known.has(path));
}
