/** Gate branches that only this clone still has: a runner that died after its push has left them. */
import { gatePath } from "#runner/core/state-path.ts";
import { GATE_BRANCHES, MAIN } from "#runner/core/ref-names.ts";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import { isAncestor } from "#runner/repo/history.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { readRefs, type Refs } from "#runner/repo/refs.ts";
import type { Engine } from "./engine.ts";
import { isOwn } from "./runner-identity.ts";

/** Branches of settled gates that the origin has let go; one with commits of a person that are not on main stays, and so does one that is checked out. */
export async function leftBranches(
  { repository, store }: Pick<Engine, "repository" | "store">,
  shown: Refs,
): Promise<readonly RefUpdate[]> {
  const left = [...readRefs(repository)].filter(
    ([ref]) => ref.startsWith(GATE_BRANCHES) && !shown.has(ref),
  );
  if (left.length === 0) return [];
  const inHands = new Set(
    listCheckouts(repository).map(({ head }) => (head.kind === "branch" ? head.ref : null)),
  );
  const mayGo = await Promise.all(
    left.map(async ([ref, head]) => {
      const gate = ref.slice(GATE_BRANCHES.length);
      const isOpen = (await store.readText(gatePath(gate))) !== undefined;
      if (isOpen || inHands.has(ref)) return false;
      return (
        (await isProposal({ store }, { gate, head })) ||
        (await isMerged(repository, { head, main: shown.get(MAIN) }))
      );
    }),
  );
  return left.flatMap(([ref, from], index) =>
    mayGo[index] === true ? [{ ref, from, to: null }] : [],
  );
}

async function isProposal(
  { store }: Pick<Engine, "store">,
  { gate, head }: { readonly gate: string; readonly head: string },
): Promise<boolean> {
  const commit = await store.reader.readCommit(head);
  return (
    commit !== undefined && isOwn(commit) && commit.message.includes(`\nFettle-Gate: ${gate}\n`)
  );
}

async function isMerged(
  repository: Engine["repository"],
  { head, main }: { readonly head: string; readonly main: string | undefined },
): Promise<boolean> {
  return main !== undefined && (await isAncestor(repository, head, main)) === "yes";
}
