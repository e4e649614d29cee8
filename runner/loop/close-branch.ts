/** What becomes of the branch of a gate that closes. */
import type { ObservedGate } from "#runner/core/model.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import { isAncestor } from "#runner/repo/history.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { Engine, View } from "./engine.ts";

interface Closing {
  readonly gate: ObservedGate;
  /** Gates that close together with it. */
  readonly closing: ReadonlySet<string>;
}

/** The branch goes with the last of its gates, unless somebody has it checked out or has commits there that are not on main. */
export async function closedBranch(
  { repository }: Engine,
  view: View,
  { gate: { record, facts }, closing }: Closing,
): Promise<readonly RefUpdate[]> {
  const { branchHead } = facts;
  if (branchHead === null || isShared(view, record, closing)) return [];
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

/** Another gate of the same briefing stays open. */
function isShared(
  { observed }: View,
  { id, branch }: ObservedGate["record"],
  closing: ReadonlySet<string>,
): boolean {
  return [...observed.gates.values()].some(
    ({ record }) => record.branch === branch && record.id !== id && !closing.has(record.id),
  );
}

/** The branches of all gates that close with a run. */
export async function closedBranches(
  engine: Engine,
  view: View,
  { run, closing }: { readonly run: string; readonly closing: ReadonlySet<string> },
): Promise<readonly RefUpdate[]> {
  const gates = [...view.observed.gates.values()].filter(({ record }) => record.run === run);
  const updates = await Promise.all(
    gates.map((gate) => closedBranch(engine, view, { gate, closing })),
  );
  return updates.flat();
}
