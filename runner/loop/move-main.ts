/** Main moves on to a commit that an operator's verb has made; the operator's files follow. */
import { deliver } from "#runner/repo/delivery.ts";
import { isAncestor } from "#runner/repo/history.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { pushRefs } from "#runner/repo/push.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { MAIN } from "#runner/core/ref-names.ts";
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

interface Move {
  readonly from: string;
  readonly to: string;
}

/** With an origin main moves there first: what it does not take has not happened, and nothing is left here that would have to be pushed. */
export async function moveMain(engine: Engine, move: Move, words: Words): Promise<MovedMain> {
  const { repository } = engine;
  const here = readRefs(repository).get(MAIN) ?? move.from;
  if (repository.origin !== null && here !== move.from)
    return moveThere(engine, { ...move, here }, words);
  const moved = await deliver<Pushed>({
    repository,
    ...move,
    move: () => pushAndFollow(engine, move),
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
      return toldOf(moved.moved, move.to);
    case "delivered": {
      const [behind] = moved.behind;
      if (behind === undefined) return { ok: true, commit: move.to };
      const { why, unblock } = behindWords(behind);
      return fail("failed", `${words.done} as ${move.to.slice(0, 7)}, but ${why}`, unblock);
    }
  }
}

/** This clone's main is not the origin's. Where it is behind, the operator brings it along with git pull. */
async function moveThere(
  { repository }: Engine,
  { from, to, here }: Move & { readonly here: string },
  { again }: Words,
): Promise<MovedMain> {
  if ((await isAncestor(repository, here, from)) !== "yes") {
    // Commits of this clone that the origin does not have are the operator's to push.
    const message = "main here has commits that are not pushed";
    return fail("failed", message, `git push origin main, then ${again} again`);
  }
  return toldOf(await pushed(repository, { from, to }), to);
}

type Pushed =
  | { readonly kind: "ok" }
  /** The origin has it; the operator was at work here in this moment. */
  | { readonly kind: "there-only" }
  | { readonly kind: "raced" }
  | { readonly kind: "not-pushed"; readonly detail: string };

async function pushAndFollow({ repository, store }: Engine, move: Move): Promise<Pushed> {
  const there = await pushed(repository, move);
  if (there.kind !== "ok") return there;
  const here = await store.transactions.run([{ ref: MAIN, ...move }]);
  if (here.kind === "ok") return there;
  return { kind: repository.origin === null ? "raced" : "there-only" };
}

async function pushed(repository: Repository, { from, to }: Move): Promise<Pushed> {
  if (repository.origin === null) return { kind: "ok" };
  const { outcome, detail } = await pushRefs(repository, [{ ref: MAIN, from, to }]);
  switch (outcome) {
    case "ok":
      return { kind: "ok" };
    case "moved":
      return { kind: "raced" };
    case "refused":
    case "unknown":
    case "locked":
      return { kind: "not-pushed", detail };
  }
}

function toldOf(moved: Pushed, to: string): MovedMain {
  switch (moved.kind) {
    case "ok":
    case "there-only":
      return { ok: true, commit: to };
    case "raced":
      return fail("lost", "main moved meanwhile", "try again");
    case "not-pushed": {
      const hint = "try again: what came through all the same is seen then";
      return fail("temporary", `not pushed: ${moved.detail}`, hint);
    }
  }
}

function fail(
  exit: Extract<MovedMain, { ok: false }>["exit"],
  message: string,
  hint: string,
): MovedMain {
  return { ok: false, exit, message, hint };
}
