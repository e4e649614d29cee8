/** Stops that were asked for while the lock was held: they count from the moment on in which they were asked for. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import { dropStopMarker, stopMarkers, type StopMarker } from "#runner/repo/stop-marker.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { StopRequest } from "#runner/schema/types.gen.ts";
import type { Engine, View } from "./engine.ts";
import { requestMade } from "./request.ts";

/** Books those that do not stand on state yet, then forgets them; what cannot be read stops nothing and is forgotten. */
export async function takeAskedStops(
  { repository }: Pick<Engine, "repository">,
  { observed }: Pick<View, "observed">,
  book: (made: readonly Transaction[]) => Promise<void>,
): Promise<void> {
  const markers = stopMarkers(repository);
  if (markers.length === 0) return;
  const known = new Set(observed.requests.map(({ id }) => id));
  const asked = markers.flatMap(stopIn).filter(({ id }) => !known.has(id));
  if (asked.length > 0) await book(asked.map((stop) => requestMade(observed, stop)));
  for (const { id } of markers) dropStopMarker(repository, id);
}

function stopIn({ text }: StopMarker): readonly StopRequest[] {
  const value = parsed(text);
  return records.request(value) && value.kind === "stop" ? [value] : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
