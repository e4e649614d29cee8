/** A clock that does not run behind what is recorded already: another runner's clock, or this one a moment ago, may have been ahead. */
import { addMs, msBetween } from "#runner/core/calendar.ts";
import type { StateFiles } from "./state-files.ts";

/** A lead beyond this is a wrong clock, which must not be followed. */
const LARGEST_LEAD_MS = 600_000;

/** Instants later than everything recorded at the tip, and later at every call. */
export async function steadyClock(
  clock: () => string,
  { tip, reader }: Pick<StateFiles, "tip" | "reader">,
): Promise<() => string> {
  const committer = tip === null ? undefined : (await reader.readCommit(tip))?.committer;
  const seconds = Number(/ (\d+) [+-]\d{4}$/.exec(committer ?? "")?.[1] ?? 0);
  return notBefore(clock, addMs("1970-01-01T00:00:00.000Z", seconds * 1000));
}

function notBefore(clock: () => string, recorded: string): () => string {
  let last = msBetween(clock(), recorded) > LARGEST_LEAD_MS ? "" : recorded;
  return () => {
    const now = clock();
    last = now > last ? now : addMs(last, 1);
    return last;
  };
}
