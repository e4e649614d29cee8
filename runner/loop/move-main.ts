/** Main moves on to a commit that an operator's verb has made; the operator's files follow. */
import { authorityOf } from "#runner/repo/authority.ts";
import { deliver } from "#runner/repo/delivery.ts";
import { isAncestor } from "#runner/repo/history.ts";
import { type Publication, publish } from "#runner/repo/publish.ts";
import type { RefOutcome } from "#runner/repo/ref-transaction.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import { behindWords } from "./behind.ts";
import type { Engine } from "./engine.ts";
import { pauseBeforePush } from "./push-pause.ts";

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
  const moved = await deliver<Moved>({
    repository,
    ...move,
    move: () => publishMain(engine, move, follow(engine, move)),
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
  engine: Engine,
  { from, to, here }: Move & { readonly here: string },
  { again }: Words,
): Promise<MovedMain> {
  if ((await isAncestor(engine.repository, here, from)) !== "yes") {
    // Commits of this clone that the origin does not have are the operator's to push.
    const message = "main here has commits that are not pushed";
    return fail("failed", message, `git push origin main, then ${again} again`);
  }
  return toldOf(await publishMain(engine, { from, to }, staysHere), to);
}

type Moved =
  | { readonly kind: "ok" }
  | { readonly kind: "raced" }
  | { readonly kind: "not-moved"; readonly detail: string };

/** As everything else reaches the authority; only that nothing is built again on what others made meanwhile. */
async function publishMain(
  { repository, store: { reader, transactions } }: Engine,
  { from, to }: Move,
  settle: Publication["settle"],
): Promise<Moved> {
  const published = await publish(repository, {
    authority: authorityOf({ repository, reader, transactions }),
    updates: () => [{ ref: MAIN, from, to }],
    rebuild: async () => "nothing-left",
    settle,
    pause: pauseBeforePush,
  });
  // The origin has it; where the operator was at work here in this moment, main follows later.
  if (published.kind === "published") return { kind: "ok" };
  const { reason, detail } = published;
  switch (reason) {
    case "nothing-left":
    case "parted":
    case "contended":
      return { kind: "raced" };
    case "refused":
    case "locked":
    case "unreachable":
    case "uncertain":
      return { kind: "not-moved", detail };
  }
}

/** The move at the authority was the one here where there is no origin. */
function follow({ repository, store }: Engine, move: Move): Publication["settle"] {
  if (repository.origin === null) return staysHere;
  return () => store.transactions.run([{ ref: MAIN, ...move }]);
}

async function staysHere(): Promise<RefOutcome> {
  return { kind: "ok" };
}

function toldOf(moved: Moved, to: string): MovedMain {
  switch (moved.kind) {
    case "ok":
      return { ok: true, commit: to };
    case "raced":
      return fail("lost", "main moved meanwhile", "try again");
    case "not-moved": {
      const hint = "try again: what came through all the same is seen then";
      return fail("temporary", `main did not move: ${moved.detail}`, hint);
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
