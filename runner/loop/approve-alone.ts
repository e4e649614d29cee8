/** Approving one gate of a briefing: a commit on main in the operator's name brings its files and nothing else. */
import { proposedBy } from "#runner/core/gate/proposed.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { listTree } from "#runner/repo/worktree-files.ts";
import type { Approved } from "./approve.ts";
import { doubtAlone } from "./branch-review.ts";
import type { Engine } from "./engine.ts";
import { commitAsOperator } from "./operator-commit.ts";
import { expectOperator } from "./operator.ts";

interface Approval {
  readonly gate: ObservedGate;
  /** E-mails of the operators. */
  readonly operators: readonly string[];
  readonly main: string;
  readonly word?: "Approve" | "Answer";
  /** What the operator changes of it. */
  readonly changes?: readonly FileChange[];
}

export async function approveAlone(
  engine: Engine,
  { gate: { record, facts }, operators, main, word = "Approve", changes = [] }: Approval,
): Promise<Approved> {
  const authorised = await expectOperator(engine.repository, operators);
  if (!authorised.ok) return refused(authorised.message, authorised.hint);
  const { branchHead: head, conflicts } = facts;
  const { branch, folder, title, id } = record;
  if (head === null) {
    return refused(
      `the branch ${branch} is gone`,
      `git branch ${branch} ${record.head}   brings it back`,
    );
  }
  if (conflicts.length > 0) {
    const hint = `git merge ${branch}   and resolve it by hand`;
    return refused(`main has other changes in ${conflicts.join(", ")}`, hint);
  }
  const gate = proposedBy(record);
  const doubt = await doubtAlone(engine.repository, { gate, operators, main, head });
  if (doubt !== null) return refused(doubt.message, doubt.hint);
  const files = await filesOf(engine, { head, gate });
  if (!files.some(({ path }) => path === gate.record)) {
    return refused(
      `${folder} was taken out of ${branch}`,
      `git log ${branch} -- ${folder}   tells by whom`,
    );
  }
  const message = `${word}: ${title}\n\nFettle-Gate: ${id}\n`;
  const words = { done: "approved on main", again: "approve" };
  const changed = new Set(changes.map(({ path }) => path));
  const whole = [...files.filter(({ path }) => !changed.has(path)), ...changes];
  return commitAsOperator(engine, { main, files: whole, message, words });
}

interface Standing {
  readonly head: string;
  readonly gate: ReturnType<typeof proposedBy>;
}

/** Its decision and its deliverables, as they stand on the branch. */
async function filesOf(
  { store: { reader } }: Engine,
  { head, gate }: Standing,
): Promise<readonly FileChange[]> {
  const [folder] = gate.folders;
  const decision = await listTree(reader, `${head}:${folder}`);
  const deliverables = await Promise.all(
    gate.deliverables.map(async ({ path }): Promise<readonly FileChange[]> => {
      const info = await reader.resolve(`${head}:${path}`);
      return info?.kind === "blob" ? [{ path, oid: info.oid }] : [];
    }),
  );
  return [
    ...decision.map(({ path, oid }) => ({ path: `${folder}/${path}`, oid })),
    ...deliverables.flat(),
  ];
}

function refused(message: string, hint: string): Approved {
  return { ok: false, exit: "refused", message, hint };
}
