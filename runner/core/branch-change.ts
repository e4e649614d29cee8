/** What was put on a gate's branch after the proposal, and what of it an approval must not bring along unseen. */
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { foldList } from "./explanation.ts";

export interface BranchCommit {
  readonly oid: string;
  /** E-mail. */
  readonly committer: string;
  readonly isMerge: boolean;
  /** What it changes against its first parent. */
  readonly paths: readonly string[];
}

export interface BranchChange {
  /** Neither the proposal nor on main. */
  readonly commits: readonly BranchCommit[];
  /** What a merge of the branch would change on main. */
  readonly paths: readonly string[];
}

export interface Intrusion {
  readonly message: string;
  /** The record itself, or the shape of the branch, is a stranger's: a plain merge of it would prove nothing. */
  readonly isInRecord: boolean;
}

interface Proposal extends Pick<GateRecord, "branch"> {
  readonly folders: readonly string[];
  readonly deliverables: readonly { readonly path: string }[];
}

/** Commits by others than the operators, and changes of paths that the gate does not show; null when there are none. */
export function intrusionOf(
  gate: Proposal,
  change: BranchChange,
  operators: readonly string[],
): Intrusion | null {
  const outside = new Set(change.paths.filter((path) => !isShown(gate, path)));
  const isStrange = ({ committer }: BranchCommit): boolean => !operators.includes(committer);
  const intruding = change.commits.filter(
    (commit) => isStrange(commit) || commit.paths.some((path) => outside.has(path)),
  );
  if (intruding.length === 0 && outside.size === 0) return null;
  const told = intruding.map((commit) => commitWords(commit, { change, outside }));
  const what = told.length === 0 ? foldList([...outside]) : told.join("; ");
  return {
    message: `approving would bring along what was put on ${gate.branch} after the proposal: ${what}`,
    isInRecord: intruding.some(
      (commit) =>
        isStrange(commit) &&
        (commit.isMerge || commit.paths.some((path) => isInFolder(gate, path))),
    ),
  };
}

export function isShown(gate: Proposal, path: string): boolean {
  return isInFolder(gate, path) || gate.deliverables.some((file) => file.path === path);
}

function isInFolder({ folders }: Proposal, path: string): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

function commitWords(
  { oid, committer, isMerge, paths }: BranchCommit,
  { change, outside }: { readonly change: BranchChange; readonly outside: ReadonlySet<string> },
): string {
  // Against its first parent, a merge of main seems to change all that main did.
  const own = isMerge ? paths.filter((path) => change.paths.includes(path)) : paths;
  const unshown = own.filter((path) => outside.has(path));
  const shown = own.filter((path) => !outside.has(path));
  const names = own.length === 0 ? "no files" : foldList([...unshown, ...shown]);
  return `${oid.slice(0, 7)} by ${committer} (${names})`;
}
