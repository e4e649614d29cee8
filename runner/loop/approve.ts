/** Approving from the command line: the merge that the operator would make by hand, in the operator's name. */
import { secondsOf } from "#runner/core/time/instant.ts";
import type { Proposed } from "#runner/core/gate/proposed.ts";
import { mergeGate } from "#runner/repo/approve-merge.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import type { Engine } from "./engine.ts";
import { buildAsOperator } from "./operator-commit.ts";
import { branchDoubt } from "./branch-review.ts";
import { approverOf } from "./approver.ts";
import { moveMain, type MovedMain } from "./move-main.ts";
import { expectOperator } from "./operator.ts";

export interface Approval {
  readonly gate: Proposed;
  /** E-mails of the operators. */
  readonly operators: readonly string[];
  readonly main: string;
  /** Where the branch stands; null when it is gone. */
  readonly head: string | null;
  /** What the merge does, for its message. */
  readonly word?: "Approve" | "Answer";
  /** What the operator changes before the merge. */
  readonly changes?: readonly FileChange[];
}

export type Approved = MovedMain;

export async function approveGate(engine: Engine, approval: Approval): Promise<Approved> {
  const { gate, main, head, operators, word = "Approve" } = approval;
  const { repository } = engine;
  const authorised = await expectOperator(repository, operators);
  if (!authorised.ok) return fail("refused", authorised.message, authorised.hint);
  if (head === null) {
    const hint = `git branch ${gate.branch} ${gate.head}   brings it back`;
    return fail("failed", `the branch ${gate.branch} is gone`, hint);
  }
  const doubt = await branchDoubt(repository, { gate, operators, main, head });
  if (doubt !== null) return fail("refused", doubt.message, doubt.hint);
  const edited = await withChanges(engine, approval, head);
  if (!edited.ok) return edited;
  const message = `${word}: ${gate.title}\n\nFettle-Gate: ${gate.id}\n`;
  const at = secondsOf(engine.clock());
  const merged = await mergeGate({
    repository,
    main,
    gate: edited.commit,
    message,
    operator: { ...authorised.operator, at },
  });
  switch (merged.kind) {
    case "already-merged":
      return mergedBefore(engine, approval);
    case "conflict": {
      const hint = `git merge ${gate.branch}   and resolve it by hand`;
      return fail("failed", `main has other changes in ${merged.paths.join(", ")}`, hint);
    }
    case "merged":
      return moveMain(engine, { from: main, to: merged.commit }, MERGED);
  }
}

/** The commit that is merged: the branch, or what the operator makes of it. */
async function withChanges(
  engine: Engine,
  { gate, changes = [] }: Approval,
  head: string,
): Promise<Approved> {
  if (changes.length === 0) return { ok: true, commit: head };
  const message = `Change what ${gate.id} proposes\n`;
  return buildAsOperator(engine, { main: head, files: changes, message });
}

const MERGED = { done: "merged into main", again: "approve" } as const;

/** The branch is in main already: whether that approved it. */
async function mergedBefore(
  { repository, store }: Engine,
  { gate, main, operators }: Approval,
): Promise<Approved> {
  const path = gate.record;
  const [folder] = gate.folders;
  if ((await store.reader.resolve(`${main}:${path}`)) === undefined) {
    const message = `${gate.branch} was merged, but its record was taken back: ${path} is not on main`;
    return fail("failed", message, "git revert the commit that removed it");
  }
  const history = { repository, reader: store.reader };
  const approver = await approverOf(history, {
    gate: { folder, head: gate.head },
    operators,
    commit: main,
  });
  if (approver !== null && operators.includes(approver)) return { ok: true, commit: main };
  const message = `it is merged already, by ${approver ?? "somebody who cannot be told"}`;
  return fail("failed", message, `add a line with your reason to ${path}, and commit it on main`);
}

function fail(
  exit: Extract<Approved, { ok: false }>["exit"],
  message: string,
  hint: string,
): Approved {
  return { ok: false, exit, message, hint };
}
