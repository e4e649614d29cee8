/** What becomes of the branch of a gate that closes. */
import type { ObservedGate } from "#runner/core/model.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import { isAncestor } from "#runner/repo/history.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { Engine, View } from "./engine.ts";

/** The branch goes with the gate, unless somebody has it checked out or has commits there that are not on main. */
export async function closedBranch(
  { repository }: Engine,
  view: View,
  { record, facts }: ObservedGate,
): Promise<readonly RefUpdate[]> {
  const { branchHead } = facts;
  if (branchHead === null) return [];
  const ref = branchRef(record.branch);
  const isCheckedOut = listCheckouts(repository).some(
    ({ head }) => head.kind === "branch" && head.ref === ref,
  );
  if (isCheckedOut) return [];
  const isSafe =
    branchHead === record.head ||
    (await isAncestor(repository, branchHead, view.workspace.commit)) === "yes";
  return isSafe ? [{ ref, from: branchHead, to: null }] : [];
}

/** The branches of all gates that close with a run. */
export async function closedBranches(
  engine: Engine,
  view: View,
  run: string,
): Promise<readonly RefUpdate[]> {
  const gates = [...view.observed.gates.values()].filter(({ record }) => record.run === run);
  const updates = await Promise.all(gates.map((gate) => closedBranch(engine, view, gate)));
  return updates.flat();
}
