/** One commit on main in the operator's name. */
import { secondsOf } from "#runner/core/time/instant.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import type { Engine } from "./engine.ts";
import { moveMain, type MovedMain } from "./move-main.ts";
import { operatorOf } from "./operator.ts";

interface Change {
  /** What main is now. */
  readonly main: string;
  readonly files: readonly FileChange[];
  readonly message: string;
}

interface OperatorCommit extends Change {
  /** What is done and what the operator does again, for errors. */
  readonly words: { readonly done: string; readonly again: string };
}

export async function commitAsOperator(
  engine: Engine,
  { words, ...change }: OperatorCommit,
): Promise<MovedMain> {
  const built = await buildAsOperator(engine, change);
  return built.ok ? moveMain(engine, { from: change.main, to: built.commit }, words) : built;
}

/** The commit alone, for who looks at it before main moves there. */
export async function buildAsOperator(
  { repository, store, clock }: Engine,
  { main, files, message }: Change,
): Promise<MovedMain> {
  const operator = await operatorOf(repository);
  if (operator === null) {
    const hint = "git config user.name …; git config user.email …";
    return { ok: false, exit: "refused", message: "git does not know who you are", hint };
  }
  const at = secondsOf(clock());
  const author = { ...operator, at };
  const commit = await store.buildCommit({ parent: main, files, message, at, author });
  return { ok: true, commit };
}
