/** Publishes what is durable here and not yet at the origin; without an origin the local refs are the publication. */
import { publish } from "#runner/repo/publish.ts";
import type { Engine } from "./engine.ts";

export type Published =
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: string };

export async function publishPending(engine: Engine, signal: AbortSignal): Promise<Published> {
  const { repository, store } = engine;
  if (repository.origin === null || store.unpublished().length === 0) return { ok: true };
  const published = await publish(
    repository,
    {
      updates: () => store.unpublished(),
      // A lost race is seen and reported; facts are applied again on the new tip by the next tick.
      rebuild: () => Promise.resolve("nothing-left"),
      settle: () => store.settle(),
      pause: () => Promise.resolve(),
    },
    signal,
  );
  return published.kind === "published"
    ? { ok: true }
    : { ok: false, detail: `${published.reason}: ${published.detail}` };
}
