import { git, type GitResult } from "./git.ts";
import { withoutLeftPacks } from "./left-packs.ts";
import { isAncestor } from "./history.ts";
import {
  MAIN,
  PAYLOAD_BRANCHES,
  RUNNER_BRANCHES,
  STATE,
  fetchedRef,
} from "#runner/core/ref-names.ts";
import type { RefOutcome, RefTransactions, RefUpdate } from "./ref-transaction.ts";
import type { Refs } from "./refs.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";

/** One reading of the origin's refs: main and the runner's branches. */
export type Advertisement =
  | { readonly kind: "read"; readonly refs: Refs }
  | { readonly kind: "unreachable"; readonly detail: string };

export type Fetched =
  | { readonly kind: "fetched" }
  | { readonly kind: "unreachable"; readonly detail: string };

/**
 * Where the local branches of the runner stand after they followed the origin. `authority-conflict`:
 * the histories are unrelated or have parted, and nothing was moved.
 */
export type CaughtUp =
  | { readonly kind: "current" }
  | { readonly kind: "authority-conflict"; readonly ref: string }
  | Exclude<RefOutcome, { readonly kind: "ok" }>;

const FETCH = [
  "fetch",
  "--quiet",
  "--progress",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
];

/** Asks the origin once for main, everything under `fettle/`, and the refs of `more`. */
export async function readOrigin(
  repository: Repository,
  signal?: AbortSignal,
  more: readonly string[] = [],
): Promise<Advertisement> {
  const args = [
    "ls-remote",
    "--quiet",
    "--",
    urlOf(repository),
    MAIN,
    `${RUNNER_BRANCHES}*`,
    ...more,
  ];
  const listed = await git({ ...repository.network, ...(signal && { signal }) }, args);
  if (listed.code !== 0) return { kind: "unreachable", detail: listed.stderr.trim() };
  const lines = listed.stdout.toString("utf8").split("\n");
  const refs = lines.flatMap((line): [string, string][] => {
    const [oid, ref] = line.split("\t");
    return oid && ref ? [[ref, oid]] : [];
  });
  return { kind: "read", refs: new Map(refs) };
}

/**
 * Fetches branches of the origin to `refs/fettle/origin/`, and single objects by id.
 *
 * In a shallow clone, state that is absent here comes with its newest commit only: the tip is all that a runner reads.
 * A whole clone stays whole: a depth would cut gate branches off from main, and make git call the clone shallow.
 */
export async function fetchFromOrigin(
  repository: Repository,
  wanted: { readonly refs?: readonly string[]; readonly objects?: readonly string[] },
  signal?: AbortSignal,
): Promise<Fetched> {
  const known = readRefs(repository);
  const isNew = (ref: string): boolean =>
    repository.shallow && isFollowed(ref) && !known.has(ref) && !known.has(fetchedRef(ref));
  const refs = wanted.refs ?? [];
  const fresh = refs.filter((ref) => isNew(ref));
  const rest = refs.filter((ref) => !isNew(ref));
  const first = await fetch(repository, { specs: fresh.map(refspec), depth: 1 }, signal);
  if (first.kind === "unreachable") return first;
  const followed = await fetch(repository, { specs: rest.map(refspec) }, signal);
  const objects = wanted.objects ?? [];
  if (followed.kind === "unreachable" || objects.length === 0) return followed;
  return fetchObjects(repository, objects, signal);
}

/** Nothing is said of what is here: the origin would take single objects of it for known. */
async function fetchObjects(
  repository: Repository,
  objects: readonly string[],
  signal?: AbortSignal,
): Promise<Fetched> {
  const quiet = ["-c", "fetch.negotiationAlgorithm=noop"];
  const args = [...quiet, ...FETCH, "--stdin", "--", urlOf(repository)];
  const stdin = objects.map((oid) => `${oid}\n`).join("");
  return fetchedBy(await git({ ...repository.network, stdin, ...(signal && { signal }) }, args));
}

export interface Following {
  readonly advertised: Refs;
  /** Branches that may part from what stands here, or be gone: content was taken from them. */
  readonly taken: ReadonlySet<string>;
}

/** Moves the runner's local branches to where the origin's stand, after they were fetched. */
export async function followOrigin(
  repository: Repository,
  transactions: RefTransactions,
  { advertised, taken }: Following,
): Promise<CaughtUp> {
  const local = readRefs(repository);
  const moves: RefUpdate[] = [];
  for (const [ref, to] of advertised) {
    const from = local.get(ref) ?? null;
    if (!isFollowed(ref) || from === to) continue;
    if (!(await mayMove(repository, { from, to }, taken.has(ref)))) {
      return { kind: "authority-conflict", ref };
    }
    moves.push({ ref, from, to });
  }
  const gone = [...taken].filter((ref) => !advertised.has(ref));
  moves.push(...gone.map((ref) => ({ ref, from: local.get(ref) ?? null, to: null })));
  const stateLast = moves.toSorted((a, b) => Number(a.ref === STATE) - Number(b.ref === STATE));
  const outcome = await transactions.run(stateLast);
  return outcome.kind === "ok" ? { kind: "current" } : outcome;
}

async function mayMove(
  repository: Repository,
  { from, to }: { readonly from: string | null; readonly to: string },
  isTaken: boolean,
): Promise<boolean> {
  return from === null || isTaken || (await isAncestor(repository, from, to)) === "yes";
}

function isFollowed(ref: string): boolean {
  return ref === STATE || ref.startsWith(PAYLOAD_BRANCHES);
}

function refspec(ref: string): string {
  return `+${ref}:${fetchedRef(ref)}`;
}

async function fetch(
  repository: Repository,
  { specs, depth }: { readonly specs: readonly string[]; readonly depth?: number },
  signal?: AbortSignal,
): Promise<Fetched> {
  if (specs.length === 0) return { kind: "fetched" };
  const limit = depth === undefined ? [] : [`--depth=${depth}`];
  const args = [...sourceOf(repository, [...FETCH, ...limit]), ...specs];
  const { network } = repository;
  return fetchedBy(
    await withoutLeftPacks(network, () => git({ ...network, ...(signal && { signal }) }, args)),
  );
}

function fetchedBy({ code, stderr }: GitResult): Fetched {
  return code === 0 ? { kind: "fetched" } : { kind: "unreachable", detail: stderr.trim() };
}

/** A partial clone stays partial: git leaves blobs out where the remote of this one command is said to promise them. */
function sourceOf(repository: Repository, command: readonly string[]): readonly string[] {
  const url = urlOf(repository);
  if (!repository.partial) return [...command, "--", url];
  const remote = [`url=${url}`, "promisor=true", "partialCloneFilter=blob:none"];
  return [
    ...remote.flatMap((setting) => ["-c", `remote.fettle.${setting}`]),
    ...command,
    "--",
    "fettle",
  ];
}

function urlOf(repository: Repository): string {
  if (repository.origin === null) throw new Error("There is no origin to read from");
  return repository.origin.url;
}
