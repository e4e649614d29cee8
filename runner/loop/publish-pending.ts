/** Publishes what is durable here and not yet at the origin; without an origin, what the branches do not show yet. */
import { authorityOf } from "#runner/repo/authority.ts";
import { type Publication, publish } from "#runner/repo/publish.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { Engine } from "./engine.ts";
import { joinPending } from "./join-pending.ts";
import { pauseBeforePush } from "./push-pause.ts";
import { unlessStopped } from "./unless-stopped.ts";
import { rebuild } from "./rebuild.ts";

/**
 * `isRebuilt`: another runner was faster; what still holds of ours was applied again on its state, and all that was
 * seen before is old, whatever became of the push after it. `isRace`: others were faster again and again.
 */
export type Published = { readonly isRebuilt: boolean } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly isRace: boolean; readonly detail: string }
);

/** What the tries of one publication have in common. */
interface Tries {
  readonly also: readonly RefUpdate[];
  isRebuilt: boolean;
}

/** Who wants it sooner interrupts a second time. */
const LAST_PUSH_MS = 10_000;
const MOST_HELD_BACK = 32;
const PARTED = "the state that counts lacks what was accepted before";

/**
 * `also` are refs that the pending commits speak of and that a crash made this process forget. What an interruption cuts
 * off is tried once more, for a while: the others go on at once with what is done here.
 */
export async function publishPending(
  engine: Engine,
  signal: AbortSignal,
  also: readonly RefUpdate[] = [],
): Promise<Published> {
  const { store } = engine;
  if (store.unpublished().length === 0) return { ok: true, isRebuilt: false };
  await joinPending(store);
  store.offer();
  const tries: Tries = { also, isRebuilt: false };
  // Cut off, nothing is half done: it may be tried again.
  const published = await unlessStopped(signal, () => publishOnce(engine, signal, tries));
  return published ?? lastPush(engine, tries);
}

/** So many commits without an origin that whoever looks at the branches should not wait for the end of the tick. */
export function holdsMuchBack({ holdsBack, unoffered }: Engine["store"]): boolean {
  return holdsBack && unoffered.commits.length >= MOST_HELD_BACK;
}

async function lastPush(engine: Engine, tries: Tries): Promise<Published> {
  const signal = AbortSignal.timeout(LAST_PUSH_MS);
  const published = await unlessStopped(signal, () => publishOnce(engine, signal, tries));
  const { isRebuilt } = tries;
  return published ?? { ok: false, isRebuilt, isRace: false, detail: "the origin takes too long" };
}

async function publishOnce(engine: Engine, signal: AbortSignal, tries: Tries): Promise<Published> {
  const { repository, store } = engine;
  // What is rebuilt names no other refs: gates and deliveries are planned again.
  const also = (): readonly RefUpdate[] => (tries.isRebuilt ? [] : tries.also);
  const { reader, transactions } = store;
  const publication: Publication = {
    authority: authorityOf({ repository, reader, transactions }),
    updates: () => [...also(), ...store.unpublished()],
    rebuild: async (newest) => {
      tries.isRebuilt = true;
      // Where the branches themselves are what others were faster on, they are not where this process saw them.
      if (repository.origin === null) store.refresh();
      return rebuild(engine, newest);
    },
    settle: () => store.settle(also()),
    pause: (attempt) => pauseBeforePush(attempt, signal),
  };
  const published = await publish(repository, publication, signal);
  const { isRebuilt } = tries;
  if (published.kind === "published") return { ok: true, isRebuilt };
  const { reason, detail } = published;
  if (reason === "parted") return { ok: false, isRebuilt, isRace: false, detail: PARTED };
  if (reason === "nothing-left") return { ok: true, isRebuilt };
  const isRace = reason === "contended";
  return { ok: false, isRebuilt, isRace, detail: `${reason}: ${detail}` };
}
