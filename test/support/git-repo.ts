import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { Repository } from "#runner/repo/repository.ts";
import { openRepository } from "#runner/repo/repository.ts";

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

/** 2026-03-02T09:00:00Z, in seconds: when every commit of a test happens. */
export const COMMIT_TIME = 1_772_442_000;

const IDENTITY = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@northwind.example",
  GIT_AUTHOR_DATE: `${COMMIT_TIME} +0000`,
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@northwind.example",
  GIT_COMMITTER_DATE: `${COMMIT_TIME} +0000`,
};

/** The operator's repository in a temporary folder, driven with plain git. */
export interface TestRepository {
  readonly path: string;
  /** Runs git as the operator; returns what it printed, trimmed. Throws on failure. */
  readonly git: (...args: readonly string[]) => string;
  readonly write: (files: FileTexts) => void;
  /** Writes the files, commits everything, returns the commit id. */
  readonly commit: (files: FileTexts, message?: string) => string;
  readonly open: () => Promise<Repository>;
}

export type FileTexts = Readonly<Record<string, string | Buffer>>;

/** A fresh repository with one commit of `files` on main; removed when the test ends. */
export function makeRepository(files: FileTexts = { "README.md": "A company.\n" }): TestRepository {
  const path = makeFolder();
  runGit(path, ["init", "--quiet", "--initial-branch=main"]);
  const repository = repositoryAt(path);
  repository.commit(files, "start");
  return repository;
}

/** A bare repository that serves as `origin`, holding the same refs. */
export function addOrigin(repository: TestRepository): TestRepository {
  const path = join(makeFolder(), "origin.git");
  runGit(dirname(path), ["clone", "--quiet", "--bare", repository.path, path]);
  runGit(path, ["remote", "remove", "origin"]);
  repository.git("remote", "add", "origin", path);
  return repositoryAt(path);
}

/** A clone in another temporary folder; `args` go to `git clone`. */
export function cloneOf(origin: TestRepository, ...args: readonly string[]): TestRepository {
  const path = join(makeFolder(), "clone");
  runGit(dirname(path), ["clone", "--quiet", ...args, `file://${origin.path}`, path]);
  return repositoryAt(path);
}

/** A temporary folder, removed when the test ends. */
export function makeFolder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "fettle-test-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
  return path;
}

export function repositoryAt(path: string): TestRepository {
  const git = (...args: readonly string[]): string => runGit(path, args);
  const write = (files: FileTexts): void => writeFiles(path, files);
  const commit = (files: FileTexts, message = "edit"): string => {
    write(files);
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "HEAD");
  };
  return { path, git, write, commit, open: () => openAt(path) };
}

/** Opens a repository that the test knows to be sound. */
export async function openAt(path: string): Promise<Repository> {
  const opened = await openRepository({ start: path, environment: ENVIRONMENT, allowBare: true });
  if (opened.kind !== "opened") throw new Error(`${path}: ${opened.kind}`);
  return opened.repository;
}

export function runGit(folder: string, args: readonly string[]): string {
  const env = { ...ENVIRONMENT, ...IDENTITY };
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const options = { cwd: folder, env, stdio: [...stdio], encoding: "utf8" as const };
  return execFileSync("git", args, options).trimEnd();
}

/** As `runGit`, while this process goes on: it may be the one that git talks to. */
export async function gitBeside(folder: string, ...args: readonly string[]): Promise<string> {
  const env = { ...ENVIRONMENT, ...IDENTITY };
  const { stdout } = await promisify(execFile)("git", [...args], { cwd: folder, env });
  return stdout.trimEnd();
}

function writeFiles(folder: string, files: FileTexts): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
