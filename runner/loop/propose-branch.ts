/** A branch of this clone with one commit on top of main: something to look at, edit and merge. */
import { branchRef } from "#runner/core/ref-names.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import type { Engine } from "./engine.ts";
import type { MovedMain } from "./move-main.ts";
import { buildAsOperator } from "./operator-commit.ts";

interface Proposal {
  readonly main: string;
  readonly branch: string;
  readonly files: readonly FileChange[];
  readonly message: string;
}

/** Never over a branch that is there. */
export async function proposeBranch(
  engine: Engine,
  { branch, ...change }: Proposal,
): Promise<MovedMain> {
  const built = await buildAsOperator(engine, change);
  if (!built.ok) return built;
  const ref = branchRef(branch);
  const moved = await engine.store.transactions.run([{ ref, from: null, to: built.commit }]);
  if (moved.kind === "ok") return built;
  const hint = `git merge ${branch}, or git branch -D ${branch}`;
  return { ok: false, exit: "refused", message: `the branch ${branch} is there already`, hint };
}
