/** Who brought a gate's decision to main, as far as git's history proves it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MAIN } from "#runner/core/ref-names.ts";
import { commitLog, type LogEntry } from "#runner/repo/history.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { RUNNER_EMAIL } from "./runner-identity.ts";

export interface History {
  readonly repository: Repository;
  readonly reader: ObjectReader;
}

export interface Decided {
  readonly gate: Pick<GateRecord, "folder" | "head"> & {
    /** A folder that the decision is about as well, though main may hold nothing there. */
    readonly about?: string;
  };
  /** E-mails. */
  readonly operators: readonly string[];
  /** Where main stands. */
  readonly commit: string;
}

/**
 * The e-mail of who brought the decision as it is now; null when that cannot be told.
 *
 * A merge is an approval where it brought the gate's branch. One that brought another line (`git pull`) is followed there.
 */
export async function approverOf(history: History, decided: Decided): Promise<string | null> {
  const { repository } = history;
  const { gate, commit } = decided;
  const query = { ...FIRST_PARENTS, limit: 1, paths: foldersOf(gate) };
  const [bringer] = await commitLog(repository, commit, query);
  if (bringer === undefined) return null;
  return bringer.parents.length > 1
    ? mergerOf(history, decided, bringer)
    : committerOf(repository, bringer);
}

interface Edited extends Pick<Decided, "operators" | "commit"> {
  /** Of the proposal. */
  readonly head: string;
  /** Paths of proposed files that main holds otherwise than proposed. */
  readonly paths: readonly string[];
}

/** Whoever is no operator and brought one of the files as main holds it; null: nobody knows who. undefined: all are operators'. */
export async function strangerIn(
  { repository }: History,
  { operators, commit, head, paths }: Edited,
): Promise<string | null | undefined> {
  for (const path of paths) {
    const query = { withoutFiles: true, limit: 1, paths: [path], without: [head] };
    const [made] = await commitLog(repository, commit, query);
    // As it was before the proposal: whoever merged has left it out, unless main's own line says otherwise.
    const [last] =
      made === undefined
        ? await commitLog(repository, commit, { ...query, ...FIRST_PARENTS })
        : [made];
    if (last === undefined) continue;
    const by = committerOf(repository, last);
    if (by === null || !operators.includes(by)) return by;
  }
  return undefined;
}

const FIRST_PARENTS = { firstParent: true, withoutFiles: true } as const;

async function mergerOf(
  history: History,
  decided: Decided,
  merge: LogEntry,
): Promise<string | null> {
  const { repository } = history;
  const { gate, operators } = decided;
  const [, merged, ...more] = merge.parents;
  if (!operators.includes(merge.committerEmail)) return merge.committerEmail;
  if (merged === undefined || more.length > 0) return null;
  const changes = await changesOf(repository, gate, merged);
  if (changes.some(({ oid }) => oid === gate.head)) {
    return isPull(merge) ? null : approverOfBranch(repository, decided, { merge, changes });
  }
  // Where the merge mixed both sides, neither of them brought what is there now.
  if (repository.shallow || !(await holdSame(history, gate, [merge.oid, merged]))) return null;
  return approverOf(history, { ...decided, commit: merged });
}

/** Who committed; where main was just moved to the runner's commit, who moved it. */
function committerOf(
  repository: Repository,
  { oid, parents, committerEmail }: LogEntry,
): string | null {
  // In a shallow clone the oldest commit seems to bring every file: it proves nothing.
  if (repository.shallow && parents.length === 0) return null;
  if (committerEmail !== RUNNER_EMAIL) return committerEmail;
  return repository.origin === null ? moverOf(repository.commonDir, oid) : null;
}

/** git's own subjects for a merge of main: where main was moved to the proposal, nothing else tells it from an approval. */
function isPull({ subject }: LogEntry): boolean {
  return /^Merge (?:remote-tracking )?branch '(?:[^/']+\/)?main'/u.test(subject);
}

/** More commits than a person puts on a gate's branch. */
const LONGEST_LINE = 1000;

/** Commits of the line that changed the decision, newest first. */
function changesOf(
  repository: Repository,
  gate: Decided["gate"],
  tip: string,
): Promise<readonly LogEntry[]> {
  const paths = foldersOf(gate);
  return commitLog(repository, tip, { ...FIRST_PARENTS, limit: LONGEST_LINE, paths });
}

function foldersOf({ folder, about }: Decided["gate"]): readonly string[] {
  return about === undefined ? [folder] : [folder, about];
}

interface MergedBranch {
  readonly merge: LogEntry;
  readonly changes: readonly LogEntry[];
}

/**
 * Who merged the line on top of the proposal, or who else changed the decision there.
 * A stranger's merge on it counts as a change: with one, the line may be a main that a stranger moved.
 */
async function approverOfBranch(
  repository: Repository,
  { gate, operators }: Decided,
  { merge, changes }: MergedBranch,
): Promise<string | null> {
  const tip = merge.parents[1] ?? gate.head;
  const query = { ...FIRST_PARENTS, limit: LONGEST_LINE, without: [gate.head] };
  const added = await commitLog(repository, tip, query);
  if (added.length >= LONGEST_LINE) return null;
  const merges = added.filter(({ parents }) => parents.length > 1);
  const edits = changes.filter(({ oid }) => oid !== gate.head);
  const stranger = [...edits, ...merges].find(
    ({ committerEmail }) => !operators.includes(committerEmail),
  );
  return (stranger ?? merge).committerEmail;
}

async function holdSame(
  { reader }: History,
  { folder }: Decided["gate"],
  commits: readonly [string, string],
): Promise<boolean> {
  const [one, other] = await Promise.all(
    commits.map((commit) => reader.treeAtPath(commit, folder)),
  );
  return one !== undefined && one === other;
}

/** E-mail in this clone's log of main for the move to `commit`. */
function moverOf(commonDir: string, commit: string): string | null {
  let log: string;
  try {
    log = readFileSync(join(commonDir, "logs", MAIN), "utf8");
  } catch {
    return null;
  }
  const line = log.split("\n").findLast((entry) => entry.slice(41).startsWith(`${commit} `));
  return /<([^<>]+)> \d+ [+-]\d{4}\t/.exec(line ?? "")?.[1] ?? null;
}
