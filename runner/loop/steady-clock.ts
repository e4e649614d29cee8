/** A clock that does not run behind what is recorded already: another runner's clock, or this one a moment ago, may have been ahead. */
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import { LAST_EVENT_TRAILER } from "./ledger.ts";
import type { StateFiles } from "./state-files.ts";

/** A lead beyond this is a wrong clock, which must not be followed. */
const LARGEST_LEAD_MS = 600_000;

const RECORDED = new RegExp(`^${LAST_EVENT_TRAILER}: (\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z)$`, "m");

/** Instants later than everything recorded at the tip, and later at every call. */
export async function steadyClock(
  clock: () => string,
  { tip, reader }: Pick<StateFiles, "tip" | "reader">,
): Promise<() => string> {
  const message = tip === null ? undefined : (await reader.readCommit(tip))?.message;
  const recorded = RECORDED.exec(message ?? "")?.[1];
  return recorded === undefined ? clock : notBefore(clock, recorded);
}

function notBefore(clock: () => string, recorded: string): () => string {
  let last = msBetween(clock(), recorded) > LARGEST_LEAD_MS ? "" : recorded;
  return () => {
    const now = clock();
    last = now > last ? now : addMs(last, 1);
    return last;
  };
}
