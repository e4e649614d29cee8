/** A state branch that a person works on: its next commit, or theirs, would take back what is recorded. */
import { seenRef, STATE } from "#runner/core/ref-names.ts";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import { readRef, type Refs } from "#runner/repo/refs.ts";
import type { CommitObject } from "#runner/repo/git-object.ts";
import type { Engine } from "./engine.ts";
import { isOwn } from "./runner-identity.ts";

/**
 * `checked-out`: moving the branch would leave the files and the index of `folder` behind. `foreign`: its newest commit was
 * not made by a runner; `own` is the newest one before it that was.
 */
export type StrangeState =
  | { readonly kind: "checked-out"; readonly ref: string; readonly folder: string }
  | {
      readonly kind: "foreign";
      readonly ref: string;
      readonly now: string;
      readonly own: string | null;
      readonly subject: string;
      /** In this clone only; at the origin otherwise. */
      readonly isHere: boolean;
    };

export async function strangeState(
  { repository, store }: Pick<Engine, "repository" | "store">,
  shown: Refs | null,
): Promise<StrangeState | null> {
  const checkout = listCheckouts(repository).find(
    ({ head }) => head.kind === "branch" && head.ref === STATE,
  );
  if (checkout !== undefined) return { kind: "checked-out", ref: STATE, folder: checkout.workTree };
  const here = readRef(repository.commonDir, STATE);
  const there = shown?.get(STATE);
  const seen = readRef(repository.commonDir, seenRef(STATE));
  for (const now of new Set([there, here])) {
    if (now === undefined || now === seen) continue;
    const commit = await store.reader.readCommit(now);
    if (commit === undefined || isOwn(commit)) continue;
    const own = await newestOwn(store, commit);
    const [subject = ""] = commit.message.split("\n", 1);
    return { kind: "foreign", ref: STATE, now, own, subject, isHere: now !== there };
  }
  return null;
}

async function newestOwn(
  { reader }: Engine["store"],
  { parents: [parent] }: Pick<CommitObject, "parents">,
): Promise<string | null> {
  for (let at = parent; at !== undefined;) {
    const commit = await reader.readCommit(at);
    if (commit === undefined) return null;
    if (isOwn(commit)) return commit.oid;
    [at] = commit.parents;
  }
  return null;
}
