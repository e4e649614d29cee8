/** Whether the state that counts still holds the newest commit that this clone has seen: no runner ever takes one back. */
import {
  branchName,
  fetchedRef,
  PAYLOAD_BRANCHES,
  seenRef,
  STATE,
} from "#runner/core/ref-names.ts";
import { isAncestor, mergeBase } from "#runner/repo/history.ts";
import { readRefs, type Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { Engine } from "./engine.ts";
import { tornHere } from "./left-branches.ts";
import { isTaken } from "./taken-payload.ts";
import { strangeState, type StrangeState } from "./strange-state.ts";

/**
 * `set-back`: what counts is older than `newest`, or gone (`now: null`): nothing was built on it, so that `newest` can be
 * put back. `parted`: both have commits of their own after `base` (null: nothing in common, or not to be told in a shallow clone).
 */
export type StateLost = { readonly ref: string; readonly newest: string } & (
  | { readonly kind: "set-back"; readonly now: string | null }
  | { readonly kind: "parted"; readonly now: string; readonly base: string | null }
);

/** Why nothing may be written. */
export type StateConflict = StateLost | StrangeState;

/** What the authority shows: the refs of the origin, or null where this clone is the authority. */
export type Shown = Refs | null;

/** Compares state and payload that count with what this clone has seen; null when nothing was taken back. */
export async function stateConflict(
  engine: Pick<Engine, "repository" | "store">,
  shown: Shown,
): Promise<StateConflict | null> {
  const { repository } = engine;
  const strange = await strangeState(engine, shown);
  if (strange !== null) return strange;
  const here = readRefs(repository);
  for (const { ref, known } of remembered(here, shown)) {
    const now = (shown ?? here).get(ref) ?? null;
    if (now === null && isFirst(ref, here, shown)) continue;
    for (const newest of known) {
      const conflict = await compared(repository, { ref, newest, now });
      if (conflict !== null && !(await isByRight(engine, shown, { ref, now }))) return conflict;
    }
  }
  return null;
}

/** Content was taken from the branch on record. */
async function isByRight(
  { repository, store }: Pick<Engine, "repository" | "store">,
  shown: Shown,
  branch: { readonly ref: string; readonly now: string | null },
): Promise<boolean> {
  return shown !== null && isTaken({ repository, reader: store.reader }, shown, branch);
}

/** The state, then the payload that it cites: an origin that lacks a month of it may have let it go. */
function remembered(
  here: Refs,
  shown: Shown,
): readonly { readonly ref: string; readonly known: readonly string[] }[] {
  const state = [here.get(seenRef(STATE)), shown === null ? undefined : here.get(STATE)];
  const known = new Set(state.filter((oid) => oid !== undefined));
  const payload = [...(shown?.keys() ?? [])].flatMap((ref) => {
    const ours = ref.startsWith(PAYLOAD_BRANCHES) ? here.get(ref) : undefined;
    return ours === undefined ? [] : [{ ref, known: [ours] }];
  });
  return [{ ref: STATE, known: [...known] }, ...payload];
}

/** An origin that never showed any state gets ours. */
function isFirst(ref: string, here: Refs, shown: Shown): boolean {
  return shown !== null && !here.has(fetchedRef(ref));
}

async function compared(
  repository: Repository,
  {
    ref,
    newest,
    now,
  }: { readonly ref: string; readonly newest: string; readonly now: string | null },
): Promise<StateLost | null> {
  if (now === null) return { kind: "set-back", ref, newest, now };
  if ((await isAncestor(repository, newest, now)) === "yes") return null;
  if ((await isAncestor(repository, now, newest)) === "yes") {
    return { kind: "set-back", ref, newest, now };
  }
  const base = await mergeBase(repository, newest, now);
  return { kind: "parted", ref, newest, now, base };
}

/** Remembers the state that counts now as the newest that was seen; first, what it has settled since the last one is let go. */
export async function rememberState({
  repository,
  store,
}: Pick<Engine, "repository" | "store">): Promise<void> {
  const refs = readRefs(repository);
  const to = refs.get(STATE);
  const from = refs.get(seenRef(STATE)) ?? null;
  if (to === undefined || to === from) return;
  if (repository.origin === null) {
    const torn = await tornHere({ repository, store }, refs, to);
    // Else the next one with something to do, which still knows what was open, tries again.
    if ((await store.transactions.run(torn)).kind !== "ok") return;
  }
  await store.transactions.run([{ ref: seenRef(STATE), from, to }]);
}

const SHORT = 10;

/** What happened to the branch, in one sentence. */
export function conflictWords(
  conflict: StateConflict,
  { origin }: Pick<Repository, "origin">,
): string {
  const branch = branchName(conflict.ref);
  if (conflict.kind === "checked-out") {
    return `${branch} is checked out in ${conflict.folder}: it cannot move under a person's hands`;
  }
  if (conflict.kind === "foreign") {
    const place = conflict.isHere ? "here" : "at the origin";
    return `the newest commit of ${branch} ${place}, ${conflict.now.slice(0, SHORT)} "${conflict.subject}", was made by hand`;
  }
  const where = origin === null ? "here" : "at the origin";
  const seen = `this clone has seen ${conflict.newest.slice(0, SHORT)}`;
  if (conflict.kind === "set-back") {
    return conflict.now === null
      ? `${branch} is gone ${where}, and ${seen}`
      : `${branch} was set back ${where} to ${conflict.now.slice(0, SHORT)}, and ${seen}, which is newer`;
  }
  const now = conflict.now.slice(0, SHORT);
  return conflict.base === null
    ? `${branch} ${where} (${now}) has nothing in common with ${conflict.newest.slice(0, SHORT)}, which this clone has seen`
    : `${branch} ${where} (${now}) and ${conflict.newest.slice(0, SHORT)}, which this clone has seen, have parted after ${conflict.base.slice(0, SHORT)}`;
}
