/** Gate branches that outlived their gates: a runner or an origin that died amid a push has left them. */
import { branchRef, GATE_BRANCHES, MAIN, seenRef, STATE } from "#runner/core/ref-names.ts";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import { isAncestor } from "#runner/repo/history.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { readRefs, type Refs } from "#runner/repo/refs.ts";
import type { Engine } from "./engine.ts";
import { isOwn } from "./runner-identity.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { readFolder, stateAt, type StateFiles } from "./state-files.ts";

type Clone = Pick<Engine, "repository" | "store">;

/** Branches of settled gates that the origin has let go; one with commits of a person that are not on main stays, and so does one that is checked out. */
export async function leftBranches(clone: Clone, shown: Refs): Promise<readonly RefUpdate[]> {
  const left = [...readRefs(clone.repository)].filter(
    ([ref]) => ref.startsWith(GATE_BRANCHES) && !shown.has(ref),
  );
  return removals(notInHands(clone, left), async (branch) => mayGo(clone, branch, shown));
}

/** What a tick that was killed in a clone without an origin has left: see `tornBranches`. */
export async function tornHere(
  clone: Clone,
  refs: Refs,
  tip: string,
): Promise<readonly RefUpdate[]> {
  const torn = await tornBranches(clone, refs, stateAt(clone.store.reader, tip));
  const free = notInHands(
    clone,
    torn.map((update) => [update.ref, update] as const),
  );
  return free.map(([, update]) => update);
}

/** Those that no work tree has checked out. */
function notInHands<Value>(
  { repository }: Pick<Clone, "repository">,
  branches: readonly (readonly [ref: string, value: Value])[],
): readonly (readonly [ref: string, value: Value])[] {
  if (branches.length === 0) return [];
  const checkedOut = listCheckouts(repository).map(({ head }) => head);
  const refs = new Set(checkedOut.map((head) => (head.kind === "branch" ? head.ref : null)));
  return branches.filter(([ref]) => !refs.has(ref));
}

/**
 * Branches that the origin still shows of gates that were open when the last tick ended and are settled in `settled`, with what they
 * held: a push that was cut off, here or at an origin on a disk, has left them. One that somebody has brought back later is theirs.
 */
export async function tornBranches(
  { repository, store }: Clone,
  shown: Refs,
  settled: StateFiles,
): Promise<readonly RefUpdate[]> {
  const seen = readRefs(repository).get(seenRef(STATE));
  const branches = [...shown].filter(([ref]) => ref.startsWith(GATE_BRANCHES));
  if (seen === undefined || branches.length === 0) return [];
  const before = await openGates(stateAt(store.reader, seen));
  const now = await openGates(settled);
  return removals(branches, async ([ref, head]) => {
    const gate = before.get(ref);
    if (gate === undefined || now.has(ref)) return false;
    return gate.head === head || isMerged(repository, { head, main: shown.get(MAIN) });
  });
}

async function openGates(files: StateFiles): Promise<ReadonlyMap<string, GateRecord>> {
  const gates = await readFolder(files, "gates", records.gate);
  return new Map([...gates.values()].map((gate) => [branchRef(gate.branch), gate]));
}

type Branch = readonly [ref: string, head: string];

async function removals(
  branches: readonly Branch[],
  isToGo: (branch: Branch) => Promise<boolean>,
): Promise<readonly RefUpdate[]> {
  const go = await Promise.all(branches.map(isToGo));
  return branches.flatMap(([ref, from], index) => (go[index] ? [{ ref, from, to: null }] : []));
}

/** The gate is settled, and the branch holds nothing of a person that is not on main. */
async function mayGo(
  { repository, store }: Clone,
  [ref, head]: Branch,
  shown: Refs,
): Promise<boolean> {
  const gate = ref.slice(GATE_BRANCHES.length);
  // Its own gate, or one of a briefing, may be open.
  if ((await openGates(store)).has(ref)) return false;
  return (
    (await isProposal({ store }, { gate, head })) ||
    (await isMerged(repository, { head, main: shown.get(MAIN) }))
  );
}

async function isProposal(
  { store }: Pick<Clone, "store">,
  { gate, head }: { readonly gate: string; readonly head: string },
): Promise<boolean> {
  const commit = await store.reader.readCommit(head);
  return (
    commit !== undefined && isOwn(commit) && commit.message.includes(`\nFettle-Gate: ${gate}\n`)
  );
}

async function isMerged(
  repository: Clone["repository"],
  { head, main }: { readonly head: string; readonly main: string | undefined },
): Promise<boolean> {
  return main !== undefined && (await isAncestor(repository, head, main)) === "yes";
}
