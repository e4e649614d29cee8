/** The branch that holds the desired state. */
export const MAIN = "refs/heads/main";
/** The orphan branch that holds the observed state. */
export const STATE = "refs/heads/fettle/state";
/** Everything the runner writes stands under these folders; only main is shared with the operator. */
export const RUNNER_BRANCHES = "refs/heads/fettle/";
/** A branch of this name leaves no room for the folder. */
export const IN_THE_WAY = "refs/heads/fettle";
export const LOCAL_REFS = "refs/fettle/";

export const PAYLOAD_BRANCHES = `${RUNNER_BRANCHES}payload/`;
export const GATE_BRANCHES = `${RUNNER_BRANCHES}gate/`;
/** What main held before a rewrite that was accepted: the state names it, and nothing else may. */
export const KEPT_BRANCHES = `${RUNNER_BRANCHES}kept/`;

const BRANCHES = "refs/heads/";
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** The payload branch of a month written `yyyy-mm`. */
export function payloadRef(month: string): string {
  if (!MONTH.test(month)) throw new Error(`"${month}" is not a month; write it as yyyy-mm`);
  return `${PAYLOAD_BRANCHES}${month}`;
}

export function gateRef(gate: string): string {
  return `${GATE_BRANCHES}${checkedName(gate)}`;
}

/** Keeps a commit, with all before it, from being collected. */
export function keptRef(commit: string): string {
  return `${KEPT_BRANCHES}${checkedName(commit)}`;
}

/** Where a runner keeps a commit for `ref` that is durable here and not yet published at the origin. */
export function pendingRef(runner: string, ref: string): string {
  return `${LOCAL_REFS}pending/${checkedName(runner)}/${branchName(ref)}`;
}

/** The published ref that a pending ref of this runner stands for, `undefined` for any other ref. */
export function publishedRef(runner: string, ref: string): string | undefined {
  const folder = `${LOCAL_REFS}pending/${checkedName(runner)}/`;
  return ref.startsWith(folder) ? BRANCHES + ref.slice(folder.length) : undefined;
}

/** The local name under which a branch of the origin was fetched last. */
export function fetchedRef(ref: string): string {
  return `${LOCAL_REFS}origin/${branchName(ref)}`;
}

/** Where a clone remembers the newest commit of a branch that counted, out of the reach of who moves the branch. */
export function seenRef(ref: string): string {
  return `${LOCAL_REFS}seen/${branchName(ref)}`;
}

/** `main` as `refs/heads/main`. */
export function branchRef(name: string): string {
  return BRANCHES + name;
}

/** `refs/heads/main` as `main`. */
export function branchName(ref: string): string {
  if (!ref.startsWith(BRANCHES)) throw new Error(`"${ref}" is not a branch`);
  return ref.slice(BRANCHES.length);
}

/** One path segment of a ref: lower case, so that two names never meet on a case-folding disk. */
function checkedName(name: string): string {
  if (!NAME.test(name)) throw new Error(`"${name}" is not a name of a-z, 0-9 and -`);
  return name;
}
