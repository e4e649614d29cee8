import type { Stats } from "node:fs";
import { lstatSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { GitPlace } from "./git.ts";
import { git, gitText } from "./git.ts";
import type { HeldIndex } from "./held-index.ts";
import { gitError } from "./broken-world.ts";

/** A move of the checked-out branch from one commit to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

interface Change {
  readonly path: string;
  readonly mode: string;
  readonly oldOid: string;
  readonly newOid: string;
}

const ABSENT = /^0+$/;

/** The paths where the move would overwrite what the operator has not committed; none when it can be made. */
export async function rehearseMove(held: HeldIndex, move: Move): Promise<readonly string[]> {
  const { place } = held;
  await git(place, ["update-index", "-q", "--refresh"]);
  const changes = await changesOf(place, move);
  await acceptEqualFiles(place, changes);
  const unknown = await untrackedInTheWay(place, changes);
  if (unknown.length > 0) return unknown;
  const rehearsed = await readTree(place, move, ["-n"]);
  return rehearsed.code === 0 ? [] : conflictPaths(place, move, rehearsed.stderr);
}

/** Brings index and files from one commit to the other; returns the paths in the way if it could not. */
export async function makeMove(held: HeldIndex, move: Move): Promise<readonly string[]> {
  const made = await readTree(held.place, move, []);
  return made.code === 0 ? [] : conflictPaths(held.place, move, made.stderr);
}

/**
 * Removes files that are the beginning of what they are about to get: a git that was killed had not written them to the end.
 *
 * Every byte of them comes back by the move.
 */
export async function removeBeginnings({ place }: HeldIndex, move: Move): Promise<void> {
  const staged = await stagedOids(place);
  const listed = await gitText(place, ["ls-files", "--modified", "--others", "-z"]);
  const touched = new Set(listed.split("\0"));
  const begun = (await changesOf(place, move)).filter(
    ({ path, oldOid, newOid }) =>
      touched.has(path) &&
      !ABSENT.test(newOid) &&
      (staged.get(path) ?? "0") === oldOid.replace(ABSENT, "0") &&
      statOf(place, path)?.isFile() === true,
  );
  for (const { path } of begun) {
    const file = join(place.workTree ?? "", path);
    const whole = await git(place, ["cat-file", "--filters", `${move.to}:${path}`]);
    const written = readFileSync(file);
    const isBeginning = written.equals(whole.stdout.subarray(0, written.length));
    if (whole.code === 0 && isBeginning) rmSync(file);
  }
}

function readTree(
  place: GitPlace,
  { from, to }: Move,
  more: readonly string[],
): ReturnType<typeof git> {
  return git(place, ["read-tree", ...more, "-m", "-u", from, to]);
}

/**
 * Enters into the index those files that already have the content they are about to get.
 *
 * A delivery that was cut off after some files had been written can so be made again. What the operator
 * has staged is left as it is.
 */
async function acceptEqualFiles(place: GitPlace, changes: readonly Change[]): Promise<void> {
  const present = changes.filter(
    ({ path, newOid }) =>
      // `hash-object --stdin-paths` is told one path a line.
      !ABSENT.test(newOid) && !path.includes("\n") && statOf(place, path)?.isFile() === true,
  );
  if (present.length === 0) return;
  const staged = await stagedOids(place);
  const stdin = present.map(({ path }) => `${path}\n`).join("");
  const hashed = await gitText({ ...place, stdin }, ["hash-object", "--stdin-paths"]);
  const oids = hashed.split("\n");
  const equal = present.filter(
    ({ path, oldOid, newOid }, index) =>
      oids[index] === newOid && (staged.get(path) ?? "0") === oldOid.replace(ABSENT, "0"),
  );
  const lines = equal.map(({ mode, newOid, path }) => `${mode} ${newOid}\t${path}\0`);
  await gitText({ ...place, stdin: lines.join("") }, ["update-index", "-z", "--index-info"]);
  await git(place, ["update-index", "-q", "--refresh"]);
}

async function changesOf(place: GitPlace, { from, to }: Move): Promise<readonly Change[]> {
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", from, to];
  const fields = (await gitText(place, args)).split("\0");
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = "", oldOid = "", newOid = ""] = (fields[at] ?? "").split(" ");
    changes.push({ path: fields[at + 1] ?? "", mode, oldOid, newOid });
  }
  return changes;
}

async function stagedOids(place: GitPlace): Promise<ReadonlyMap<string, string>> {
  const text = await gitText(place, ["ls-files", "--stage", "-z"]);
  const entries = text.split("\0").flatMap((line): [string, string][] => {
    const [facts = "", path] = line.split("\t");
    return path ? [[path, facts.split(" ")[1] ?? ""]] : [];
  });
  return new Map(entries);
}

/** git names the first obstacle; the others are what is both changed by the move and touched by the operator. */
async function conflictPaths(
  place: GitPlace,
  move: Move,
  stderr: string,
): Promise<readonly string[]> {
  const named = [...stderr.matchAll(/'([^']+)'/g)].map(([, path]) => path ?? "");
  const changed = new Set((await changesOf(place, move)).map(({ path }) => path));
  const args = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames"];
  const touched = (await gitText(place, args)).split("\0").map((line) => line.slice(3));
  const all = [...named, ...touched.filter((path) => changed.has(path))];
  const message = `git read-tree failed: ${stderr.trim()}`;
  if (all.length === 0) throw gitError({ message, stderr, command: "git read-tree" });
  return [...new Set(all)].toSorted();
}

/** New paths at whose place something untracked stands: git itself would overwrite it if it is ignored. */
async function untrackedInTheWay(
  place: GitPlace,
  changes: readonly Change[],
): Promise<readonly string[]> {
  const staged = await stagedOids(place);
  const added = changes.filter(({ path, oldOid }) => ABSENT.test(oldOid) && !staged.has(path));
  const found = added.flatMap(({ path }) => {
    const standing = withParents(path).find((at) => {
      const stat = statOf(place, at);
      return stat !== undefined && (at === path || !stat.isDirectory()) && !staged.has(at);
    });
    return standing === undefined ? [] : [standing];
  });
  if (found.length === 0) return [];
  const args = ["--literal-pathspecs", "ls-files", "--others", "-z", "--", ...new Set(found)];
  return (await gitText(place, args)).split("\0").filter(Boolean);
}

/** `a/b/c` as `a`, `a/b`, `a/b/c`. */
function withParents(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function statOf(place: GitPlace, path: string): Stats | undefined {
  try {
    return lstatSync(join(place.workTree ?? "", path), { throwIfNoEntry: false });
  } catch (error) {
    // A file stands where the path has a folder.
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return undefined;
    throw error;
  }
}
