import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { git, gitFailure, gitText } from "./git.ts";
import type { Repository } from "./repository.ts";

/** One commit of a log; times in seconds since 1970. */
export interface LogEntry {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly authorName: string;
  readonly authorEmail: string;
  readonly committerEmail: string;
  readonly at: number;
  readonly subject: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  readonly files: readonly ChangedFile[];
}

/** Lines added and removed; both 0 for a binary file. */
export interface ChangedFile {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
}

export interface LogQuery {
  readonly limit: number;
  /** Exact paths or folders, not patterns. */
  readonly paths?: readonly string[];
  readonly firstParent?: boolean;
  /** Leaves out these commits and all that they reach. */
  readonly without?: readonly string[];
  /** Leaves `files` empty and the diffs uncounted. */
  readonly withoutFiles?: boolean;
}

export interface Tag {
  readonly name: string;
  /** The commit it names, seen through an annotated tag. */
  readonly commit: string;
  readonly at: number;
  readonly subject: string;
}

const FIELDS = ["%H", "%P", "%an", "%ae", "%ce", "%ct", "%s", "%(trailers:only,unfold)"];
const FORMAT = `--format=${FIELDS.map((field) => `${field}%x00`).join("")}`;

/** The log of a commit, newest first; a merge shows what it changed against its first parent. */
export async function commitLog(
  repository: Repository,
  tip: string,
  query: LogQuery,
): Promise<readonly LogEntry[]> {
  const args = [
    "--literal-pathspecs",
    "log",
    "-z",
    FORMAT,
    `--max-count=${query.limit}`,
    ...(query.withoutFiles === true
      ? []
      : ["--numstat", "--no-renames", "--diff-merges=first-parent"]),
    ...(query.firstParent === true ? ["--first-parent"] : []),
    "--end-of-options",
    tip,
    ...(query.without ?? []).map((commit) => `^${commit}`),
    "--",
    ...(query.paths ?? []),
  ];
  return parseLog(await gitText(repository.own, args));
}

interface RemovalQuery {
  /** Folders. */
  readonly paths: readonly string[];
  /** Commits that removed something, at most. */
  readonly limit: number;
}

/**
 * Commits that brought a file or took it away, the newest first, on whatever line of history: a merge that kept another
 * side hides none of them. Of a merge, what it changed against its first parent.
 */
export async function comingsAndGoings(
  repository: Repository,
  tip: string,
  { path, without }: { readonly path: string; readonly without: readonly string[] },
): Promise<readonly LogEntry[]> {
  const diff = ["--numstat", "--no-renames", "--diff-filter=AD", "--diff-merges=first-parent"];
  const left = without.map((commit) => `^${commit}`);
  const revisions = ["--full-history", "--topo-order", "--end-of-options", tip, ...left];
  const args = ["--literal-pathspecs", "log", "-z", FORMAT, ...diff, ...revisions, "--", path];
  return parseLog(await gitText(repository.own, args));
}

/** Paths that commits of the branch's own line took away, the newest first; contents are not asked for. */
export async function removedPaths(
  repository: Repository,
  tip: string,
  { paths, limit }: RemovalQuery,
): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const shape = ["-z", "--format=", "--name-only", "--no-renames", "--diff-filter=D"];
  const line = ["--first-parent", "--diff-merges=first-parent", `--max-count=${limit}`];
  const args = ["--literal-pathspecs", "log", ...shape, ...line, "--end-of-options", tip];
  const text = await gitText(repository.own, [...args, "--", ...paths]);
  return text.split("\0").filter(Boolean);
}

/** The newest commit of a branch's own line that was made by an instant; null when there is none. */
export async function commitBefore(
  repository: Repository,
  tip: string,
  instant: string,
): Promise<string | null> {
  const until = `--before=${instant}`;
  const args = ["rev-list", "--first-parent", "-1", until, "--end-of-options", tip];
  const oid = (await gitText(repository.own, args)).trim();
  return oid === "" ? null : oid;
}

/** `unknown`: a commit is not here, or the history ends at a shallow boundary before it could tell. */
export async function isAncestor(
  repository: Repository,
  ancestor: string,
  descendant: string,
): Promise<"yes" | "no" | "unknown"> {
  if (ancestor === descendant) return "yes";
  const code = await askAncestry(repository, ancestor, descendant);
  if (code === 0) return "yes";
  if (code !== 1) return "unknown";
  for (const boundary of shallowBoundaries(repository)) {
    if ((await askAncestry(repository, boundary, descendant)) === 0) return "unknown";
  }
  return "no";
}

/** Whether main holds a commit that it held once: a whole clone that lacks the commit has nothing that descends from it. */
export async function isContained(
  repository: Repository,
  commit: string,
  main: string,
): Promise<"yes" | "no" | "unknown"> {
  const answer = await isAncestor(repository, commit, main);
  return answer === "unknown" && !repository.shallow ? "no" : answer;
}

/** The newest commit that both have in their history; null when there is none. */
export async function mergeBase(
  repository: Repository,
  one: string,
  other: string,
): Promise<string | null> {
  if (one === other) return one;
  const args = ["merge-base", "--end-of-options", one, other];
  const result = await git(repository.own, args);
  if (result.code === 1) return null;
  if (result.code !== 0) throw gitFailure(args, result);
  return result.stdout.toString("latin1").trim();
}

/** Every tag, by name. */
export async function tags(repository: Repository): Promise<readonly Tag[]> {
  const fields = ["%(refname:strip=2)", "%(objectname)", "%(*objectname)", "%(creatordate:unix)"];
  const format = [...fields, "%(contents:subject)"].join("%00");
  const text = await gitText(repository.own, ["for-each-ref", `--format=${format}`, "refs/tags"]);
  return text.split("\n").flatMap((line): Tag[] => {
    const [name, oid, peeled, at, subject] = line.split("\0");
    return name && oid
      ? [{ name, commit: peeled || oid, at: Number(at), subject: subject ?? "" }]
      : [];
  });
}

async function askAncestry(
  repository: Repository,
  ancestor: string,
  descendant: string,
): Promise<number> {
  const args = ["merge-base", "--is-ancestor", "--end-of-options", ancestor, descendant];
  return (await git(repository.own, args)).code;
}

/** Commits whose parents were not fetched; a state branch fetched at depth 1 has one in any clone. */
function shallowBoundaries(repository: Repository): readonly string[] {
  const path = join(repository.commonDir, "shallow");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}

function parseLog(text: string): LogEntry[] {
  const fields = text.split("\0");
  const entries: LogEntry[] = [];
  for (let at = 0; at + FIELDS.length <= fields.length;) {
    const header = fields.slice(at, at + FIELDS.length);
    at += FIELDS.length;
    const files: ChangedFile[] = [];
    for (; isBodyField(fields[at]); at += 1) files.push(...parseFile(fields[at] ?? ""));
    entries.push({ ...parseHeader(header), files });
  }
  return entries;
}

/** Between two commits stand their files (each with tabs) and the empty field that `-z` puts after each commit. */
function isBodyField(field: string | undefined): boolean {
  return field !== undefined && !/^[0-9a-f]{40,64}$/.test(field);
}

function parseFile(field: string): ChangedFile[] {
  const [, added, removed, path] = /^\n?(\d+|-)\t(\d+|-)\t([^]+)$/.exec(field) ?? [];
  return path ? [{ path, added: Number(added) || 0, removed: Number(removed) || 0 }] : [];
}

function parseHeader(header: readonly string[]): Omit<LogEntry, "files"> {
  const [oid = "", parents = "", authorName = "", authorEmail = "", ...rest] = header;
  const [committerEmail = "", at = "", subject = "", trailers = ""] = rest;
  return {
    oid,
    parents: parents.split(" ").filter(Boolean),
    authorName,
    authorEmail,
    committerEmail,
    at: Number(at),
    subject,
    trailers: trailers.split("\n").flatMap(parseTrailer),
  };
}

function parseTrailer(line: string): (readonly [string, string])[] {
  const [, name, value] = /^([\w-]+)\s*:\s*(.*)$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, value ?? ""]];
}
