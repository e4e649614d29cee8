/** Publishes what is durable here and not yet at the origin; without an origin the local refs are the publication. */
import { publish } from "#runner/repo/publish.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { Engine } from "./engine.ts";

/** `isRace`: another runner was faster, and what was pending here is given up: the next tick does it again. */
export type Published =
  | { readonly ok: true }
  | { readonly ok: false; readonly isRace: boolean; readonly detail: string };

/** `also` are refs that the pending commits speak of and that a crash made this process forget. */
export async function publishPending(
  engine: Engine,
  signal: AbortSignal,
  also: readonly RefUpdate[] = [],
): Promise<Published> {
  const { repository, store } = engine;
  if (repository.origin === null || store.unpublished().length === 0) return { ok: true };
  const published = await publish(
    repository,
    {
      updates: () => [...also, ...store.unpublished()],
      // Facts are applied again on the new tip by the next tick.
      rebuild: () => Promise.resolve("nothing-left"),
      settle: () => store.settle(also),
      pause: () => Promise.resolve(),
    },
    signal,
  );
  if (published.kind === "published") return { ok: true };
  const isRace = published.reason === "nothing-left" || published.reason === "contended";
  if (isRace) await store.discardPending();
  return { ok: false, isRace, detail: `${published.reason}: ${published.detail}` };
}
