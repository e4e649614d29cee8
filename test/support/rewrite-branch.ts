/** Forging: commits added to a branch, or its history rewritten, with plain git. */
import { execFileSync } from "node:child_process";
import { RUNNER_EMAIL } from "#runner/loop/runner-identity.ts";
import { ENVIRONMENT, type TestRepository } from "./git-repo.ts";

/** Path to new text; null removes the file. */
export type Edits = Readonly<Record<string, string | null>>;

/** Adds a commit with the edits, and nothing that a runner would add. */
export function appendCommit(repository: TestRepository, branch: string, edits: Edits): void {
  const tip = repository.git("rev-parse", branch);
  writeCommits(repository, branch, [{ base: tip, from: tip, edits }]);
}

/** Rebuilds the branch from `at` on: what `editsOf` says of a commit is what its files become. */
export function rewriteFrom(
  repository: TestRepository,
  { branch, at }: { readonly branch: string; readonly at: string },
  editsOf: (commit: string) => Edits | "drop",
): void {
  const parent = repository.git("rev-list", "--parents", "--max-count=1", at).split(" ").at(1);
  const commits = commitsFrom(repository, { branch, at }).flatMap((base): readonly Forged[] => {
    const edits = editsOf(base);
    return edits === "drop" ? [] : [{ base, from: null, edits }];
  });
  const [first, ...rest] = commits;
  if (first === undefined) throw new Error("nothing would be left");
  writeCommits(repository, branch, [{ ...first, from: parent ?? null }, ...rest]);
}

/** `at` and what came after it, oldest first. */
export function commitsFrom(
  repository: TestRepository,
  { branch, at }: { readonly branch: string; readonly at: string },
): readonly string[] {
  const later = repository.git("rev-list", "--reverse", `${at}..${branch}`);
  return [at, ...later.split("\n").filter(Boolean)];
}

interface Forged {
  /** Commit whose tree is edited. */
  readonly base: string;
  /** null: the one before it in the list. */
  readonly from: string | null;
  readonly edits: Edits;
}

/** One process for all: a forged branch has as many commits as the real one. */
function writeCommits(
  repository: TestRepository,
  branch: string,
  commits: readonly Forged[],
): void {
  const ref = `refs/heads/${branch}`;
  const trees = treesOf(
    repository,
    commits.map(({ base }) => base),
  );
  const stream = commits.map(({ from, edits }, index) => {
    const changes = Object.entries(edits).map(([path, text]) =>
      text === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(text)}`,
    );
    return [
      `commit ${ref}\ncommitter Mallory <${RUNNER_EMAIL}> 0 +0000\n${data("forged")}`,
      from === null ? "" : `from ${from}\n`,
      `M 040000 ${trees[index] ?? ""} ""\n`,
      ...changes,
    ].join("");
  });
  runWith(
    repository,
    ["fast-import", "--quiet", "--force"],
    `reset ${ref}\n\n${stream.join("\n")}`,
  );
}

function treesOf(repository: TestRepository, commits: readonly string[]): readonly string[] {
  return oidsOf(
    repository,
    commits.map((commit) => `${commit}^{tree}`),
  );
}

/** Object ids of the names; `missing` among what is printed stays what it is. */
export function oidsOf(repository: TestRepository, names: readonly string[]): readonly string[] {
  const args = ["cat-file", "--batch-check=%(objectname)"];
  return runWith(repository, args, `${names.join("\n")}\n`)
    .trimEnd()
    .split("\n");
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function runWith(repository: TestRepository, args: readonly string[], input: string): string {
  const options = {
    cwd: repository.path,
    env: { ...ENVIRONMENT },
    input,
    encoding: "utf8" as const,
  };
  return execFileSync("git", args, options);
}
