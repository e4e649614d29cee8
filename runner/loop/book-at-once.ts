/** A permission that holds for the state of now and for no newer one: booked and published, or not at all. */
import type { Engine } from "./engine.ts";
import { book } from "./ledger.ts";
import { publishPending } from "./publish-pending.ts";
import { rememberState } from "./state-standing.ts";

export type BookedAtOnce =
  | { readonly ok: true }
  | { readonly ok: false; readonly exit: "lost" | "temporary"; readonly detail: string };

const FASTER = "another runner was faster";

export async function bookAtOnce(
  engine: Engine,
  booking: Parameters<typeof book>[1],
  signal: AbortSignal,
): Promise<BookedAtOnce> {
  const { outcome } = await book(engine.store, booking);
  if (outcome.kind !== "committed") return { ok: false, exit: "lost", detail: FASTER };
  const published = await publishPending(engine, signal);
  if (!published.ok) return { ok: false, exit: "temporary", detail: published.detail };
  await rememberState(engine);
  return published.isRebuilt ? { ok: false, exit: "lost", detail: FASTER } : { ok: true };
}
