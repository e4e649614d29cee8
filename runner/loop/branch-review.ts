/** Whether a gate's branch is still what was proposed, with edits by operators only: more is not merged unseen. */
import { intrusionOf, isShown, type BranchChange } from "#runner/core/branch-change.ts";
import type { Proposed } from "#runner/core/gate/proposed.ts";
import { branchRef, MAIN, branchName } from "#runner/core/ref-names.ts";
import { changedByMerge } from "#runner/repo/approve-merge.ts";
import { commitLog, isAncestor } from "#runner/repo/history.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";

interface Proposal {
  readonly gate: Proposed;
  /** E-mails. */
  readonly operators: readonly string[];
  readonly main: string;
  /** Where the branch stands. */
  readonly head: string;
}

interface Doubt {
  readonly message: string;
  readonly hint: string;
}

/** Why the branch must be looked at before it is merged; null when nothing speaks against it, or it is on main already. */
export async function branchDoubt(
  repository: Repository,
  proposal: Proposal,
): Promise<Doubt | null> {
  const { gate, main, head, operators } = proposal;
  if (head === gate.head || (await isAncestor(repository, head, main)) === "yes") return null;
  if ((await isAncestor(repository, gate.head, head)) !== "yes") {
    const message = `${gate.branch} does not hold what was proposed any more: ${short(gate.head)} was replaced by ${short(head)}`;
    return {
      message,
      hint: hintFor(repository, proposal, { from: branchName(MAIN), squash: true }),
    };
  }
  const intrusion = intrusionOf(gate, await changeOf(repository, proposal), operators);
  if (intrusion === null) return null;
  const how = { from: short(gate.head), squash: intrusion.isInRecord };
  return { message: intrusion.message, hint: hintFor(repository, proposal, how) };
}

/** Why one gate of a briefing must be looked at first; what was done there to the others says nothing of it. */
export async function doubtAlone(
  repository: Repository,
  proposal: Proposal,
): Promise<Doubt | null> {
  const { gate, head, operators } = proposal;
  if (head === gate.head) return null;
  if ((await isAncestor(repository, gate.head, head)) !== "yes") {
    return branchDoubt(repository, proposal);
  }
  const change = onlyOf(gate, await changeOf(repository, proposal));
  const intrusion = intrusionOf(gate, change, operators);
  if (intrusion === null) return null;
  const how = { from: short(gate.head), squash: true };
  return { message: intrusion.message, hint: hintFor(repository, proposal, how) };
}

function onlyOf(gate: Proposed, { commits, paths }: BranchChange): BranchChange {
  const isOwn = (path: string): boolean => isShown(gate, path);
  const own = commits.map((commit) => ({ ...commit, paths: commit.paths.filter(isOwn) }));
  return {
    commits: own.filter((commit) => commit.paths.length > 0 || commit.isMerge),
    paths: paths.filter(isOwn),
  };
}

/** As many as git can count. */
const ALL = 2 ** 31 - 1;

async function changeOf(
  repository: Repository,
  { gate, main, head }: Proposal,
): Promise<BranchChange> {
  const log = await commitLog(repository, head, { limit: ALL, without: [gate.head, main] });
  return {
    commits: log.map(({ oid, parents, committerEmail, files }) => ({
      oid,
      committer: committerEmail,
      isMerge: parents.length > 1,
      paths: files.map(({ path }) => path),
    })),
    paths: await changedByMerge(repository, { main, gate: head }),
  };
}

/** Commands that show what is there, take it as the operator's own, or take it back. */
function hintFor(
  repository: Repository,
  { gate, head }: Proposal,
  { from, squash }: { readonly from: string; readonly squash: boolean },
): string {
  const isHere = readRefs(repository).get(branchRef(gate.branch)) === head;
  const branch = isHere ? gate.branch : short(head);
  const merge = squash
    ? `git merge --squash ${branch} && git commit   takes it as yours, if it is meant`
    : `git merge --no-ff ${branch}   approves it, if it is meant`;
  const reset =
    repository.origin === null
      ? `git branch --force ${gate.branch} ${gate.head}`
      : `git push --force origin ${gate.head}:${branchRef(gate.branch)}`;
  return [`git log -p ${from}..${branch}   shows it`, merge, `${reset}   takes it back`].join(
    "\n  ",
  );
}

function short(oid: string): string {
  return oid.slice(0, 12);
}
