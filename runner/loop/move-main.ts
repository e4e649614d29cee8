/** Main moves on to a commit that an operator's verb has made; the operator's files follow. */
import { deliver } from "#runner/repo/delivery.ts";
import { isAncestor } from "#runner/repo/history.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { readRefs, type Refs } from "#runner/repo/refs.ts";
import { pushRefs } from "#runner/repo/push.ts";
import { forgetUnpushed, noteUnpushed, unpushedMain } from "#runner/repo/unpushed-main.ts";
import { fetchedRef, MAIN } from "#runner/core/ref-names.ts";
import type { RefOutcome } from "#runner/repo/ref-transaction.ts";
import { behindWords } from "./behind.ts";
import type { Engine } from "./engine.ts";

export type MovedMain =
  | { readonly ok: true; readonly commit: string }
  | {
      readonly ok: false;
      readonly exit: "refused" | "failed" | "temporary" | "lost";
      readonly message: string;
      readonly hint: string;
    };

/** What was done to main, and what the operator does again: for errors. */
interface Words {
  readonly done: string;
  readonly again: string;
}

export async function moveMain(
  engine: Engine,
  { from, to }: Move,
  words: Words,
): Promise<MovedMain> {
  const { repository, store } = engine;
  const ahead = await aheadAlready(engine, { from, to }, words);
  if (ahead !== null) return ahead;
  const moved = await deliver<RefOutcome>({
    repository,
    from,
    to,
    move: () => {
      if (repository.origin !== null) noteUnpushed(repository, { from, to });
      return store.transactions.run([{ ref: MAIN, from, to }]);
    },
    hasMoved: ({ kind }) => kind === "ok",
  });
  switch (moved.kind) {
    case "worktree-conflict": {
      const message = `your changes to ${moved.paths.join(", ")} are in the way`;
      return fail("refused", message, `commit or stash them, then ${words.again} again`);
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
      const outcome = await pushMain(engine, to, words);
      const [behind] = moved.behind;
      if (!outcome.ok || behind === undefined) return outcome;
      const { why, unblock } = behindWords(behind);
      return fail("failed", `${words.done} as ${to.slice(0, 7)}, but ${why}`, unblock);
    }
  }
}

interface Move {
  readonly from: string;
  readonly to: string;
}

/** Main is beyond the origin's here. Where that is the same change, its push was cut off or failed before: then it is pushed. */
async function aheadAlready(
  engine: Engine,
  { from, to }: Move,
  words: Words,
): Promise<MovedMain | null> {
  const { repository, store } = engine;
  const here = readRefs(repository).get(MAIN) ?? from;
  if (repository.origin === null || here === from) return null;
  if (await isSameChange(store.reader, { from, to, here })) return pushMain(engine, here, words);
  return (await isAncestor(repository, from, here)) === "yes" ? notPushed(words) : null;
}

async function isSameChange(
  reader: ObjectReader,
  { from, to, here }: Move & { readonly here: string },
): Promise<boolean> {
  const [standing, wanted] = [await reader.readCommit(here), await reader.readCommit(to)];
  return (
    standing !== undefined &&
    standing.parents[0] === from &&
    standing.parents.length === wanted?.parents.length &&
    standing.tree === wanted.tree &&
    standing.message === wanted.message
  );
}

/** Commits of this clone that the origin does not have are the operator's to push. */
function notPushed({ again }: Words): MovedMain {
  const message = "main here has commits that are not pushed";
  return fail("failed", message, `git push origin main, then ${again} again`);
}

/** With an origin it counts once it is pushed. */
async function pushMain(engine: Engine, to: string, { done }: Words): Promise<MovedMain> {
  const { repository } = engine;
  if (repository.origin === null) return { ok: true, commit: to };
  const push = await pushRefs(repository, [{ ref: MAIN, from: null, to }]);
  const isOver = push.outcome === "ok" || push.outcome === "moved";
  if (isOver) forgetUnpushed(repository);
  const hint = isOver
    ? "git push origin main"
    : "fettle reconcile pushes it, or git push origin main";
  return push.outcome === "ok"
    ? { ok: true, commit: to }
    : fail("temporary", `${done} here, but not pushed: ${push.detail}`, hint);
}

/**
 * What an earlier verb could not push, and nothing has come on top of since; gives what the origin shows then. Where
 * the origin has gone on without it, it is for the operator to bring both together.
 */
export async function pushLeftMain(
  { repository, store }: Pick<Engine, "repository" | "store">,
  shown: Refs,
  signal: AbortSignal,
): Promise<Refs> {
  const left = unpushedMain(repository);
  if (left === undefined) return shown;
  const { from, to } = left;
  if (readRefs(repository).get(MAIN) !== to || shown.get(MAIN) !== from) {
    forgetUnpushed(repository);
    return shown;
  }
  const { outcome } = await pushRefs(repository, [{ ref: MAIN, from, to }], signal);
  // Moved in this moment: the next look at it says so.
  if (outcome !== "ok") return shown;
  forgetUnpushed(repository);
  await store.transactions.run([{ ref: fetchedRef(MAIN), from, to }]);
  return new Map(shown).set(MAIN, to);
}

function fail(
  exit: Extract<MovedMain, { ok: false }>["exit"],
  message: string,
  hint: string,
): MovedMain {
  return { ok: false, exit, message, hint };
}
