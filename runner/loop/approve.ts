/** Approving from the command line: the merge that the operator would make by hand, in the operator's name. */
import { secondsOf } from "#runner/core/instant.ts";
import { mergeGate } from "#runner/repo/approve-merge.ts";
import { deliver } from "#runner/repo/delivery.ts";
import { pushRefs } from "#runner/repo/push.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { RefOutcome } from "#runner/repo/ref-transaction.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import { behindWords } from "./behind.ts";
import { branchDoubt } from "./branch-review.ts";
import { approverOf } from "./approver.ts";
import { operatorOf } from "./operator.ts";

export interface Approval {
  readonly gate: GateRecord;
  /** E-mails of the operators. */
  readonly operators: readonly string[];
  readonly main: string;
  /** Where the branch stands; null when it is gone. */
  readonly head: string | null;
}

export type Approved =
  | { readonly ok: true; readonly commit: string }
  | {
      readonly ok: false;
      readonly exit: "refused" | "failed" | "temporary" | "lost";
      readonly message: string;
      readonly hint: string;
    };

export async function approveGate(engine: Engine, approval: Approval): Promise<Approved> {
  const { gate, main, head, operators } = approval;
  const { repository } = engine;
  const operator = await operatorOf(repository);
  if (operator === null || !operators.includes(operator.email)) {
    const who = operator?.email ?? "nobody";
    const message = `you are ${who}, and the operators are ${operators.join(", ")}`;
    return fail("refused", message, "git config user.email …, or add yourself to fettle.yaml");
  }
  if (head === null) {
    const hint = `git branch ${gate.branch} ${gate.head}   brings it back`;
    return fail("failed", `the branch ${gate.branch} is gone`, hint);
  }
  const doubt = await branchDoubt(repository, { gate, operators, main, head });
  if (doubt !== null) return fail("refused", doubt.message, doubt.hint);
  const message = `Approve: ${gate.title}\n\nFettle-Gate: ${gate.id}\n`;
  const at = secondsOf(engine.clock());
  const merged = await mergeGate({
    repository,
    main,
    gate: head,
    message,
    operator: { ...operator, at },
  });
  switch (merged.kind) {
    case "already-merged":
      return mergedBefore(engine, approval);
    case "conflict": {
      const hint = `git merge ${gate.branch}   and resolve it by hand`;
      return fail("failed", `main has other changes in ${merged.paths.join(", ")}`, hint);
    }
    case "merged":
      return moveMain(engine, { from: main, to: merged.commit });
  }
}

/** The branch is in main already: whether that approved it. */
async function mergedBefore(
  { repository, store }: Engine,
  { gate, main, operators }: Approval,
): Promise<Approved> {
  const path = `${gate.folder}/decision.md`;
  if ((await store.reader.resolve(`${main}:${path}`)) === undefined) {
    const message = `${gate.branch} was merged, but its record was taken back: ${path} is not on main`;
    return fail("failed", message, "git revert the commit that removed it");
  }
  const history = { repository, reader: store.reader };
  const approver = await approverOf(history, { gate, operators, commit: main });
  if (approver !== null && operators.includes(approver)) return { ok: true, commit: main };
  const message = `it is merged already, by ${approver ?? "somebody who cannot be told"}`;
  return fail("failed", message, `add a line with your reason to ${path}, and commit it on main`);
}

async function moveMain(
  engine: Engine,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Approved> {
  const { repository, store } = engine;
  const moved = await deliver<RefOutcome>({
    repository,
    from,
    to,
    move: () => store.transactions.run([{ ref: MAIN, from, to }]),
    hasMoved: ({ kind }) => kind === "ok",
  });
  switch (moved.kind) {
    case "worktree-conflict": {
      const message = `your changes to ${moved.paths.join(", ")} are in the way`;
      return fail("refused", message, "commit or stash them, then approve again");
    }
    case "worktree-busy":
      return fail("temporary", `another git command is at work in ${moved.workTree}`, "try again");
    case "worktree-behind": {
      const { why, unblock } = behindWords(moved);
      return fail("refused", why, unblock);
    }
    case "not-moved":
      return fail("lost", "main moved meanwhile", "try again");
    case "delivered": {
      const outcome = await pushed(engine, to);
      const [behind] = moved.behind;
      if (!outcome.ok || behind === undefined) return outcome;
      const { why, unblock } = behindWords(behind);
      return fail("failed", `merged into main as ${to.slice(0, 7)}, but ${why}`, unblock);
    }
  }
}

/** With an origin a merge counts once it is pushed. */
async function pushed(engine: Engine, to: string): Promise<Approved> {
  const { repository } = engine;
  if (repository.origin === null) return { ok: true, commit: to };
  const push = await pushRefs(repository, [{ ref: MAIN, from: null, to }]);
  return push.outcome === "ok"
    ? { ok: true, commit: to }
    : fail("temporary", `merged here, but not pushed: ${push.detail}`, "git push origin main");
}

function fail(
  exit: Extract<Approved, { ok: false }>["exit"],
  message: string,
  hint: string,
): Approved {
  return { ok: false, exit, message, hint };
}
