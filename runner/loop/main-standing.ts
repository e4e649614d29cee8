/** Whether main still holds what fettle has delivered to it: only a person sets it back. */
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { isContained } from "#runner/repo/history.ts";
import type { Engine } from "./engine.ts";
import { readEvents } from "./events.ts";

/** `newest` was delivered and is not part of main by now; `isHere`: this clone has it, on top of what main holds. */
export interface MainSetBack {
  readonly now: string;
  readonly newest: string;
  readonly isHere: boolean;
}

const DAYS_LOOKED_BACK = 31;

/** null: main holds the newest delivery that the state names, or has commits of its own in its place, or it cannot be told. */
export async function mainSetBack(
  { repository, store, clock }: Pick<Engine, "repository" | "store" | "clock">,
  now: string,
): Promise<MainSetBack | null> {
  const events = await readEvents(store, addMs(clock(), -DAYS_LOOKED_BACK * DAY_MS));
  const named = events.flatMap((event) => {
    if (event.kind === "rewrite-accepted") return [event.to];
    return event.kind === "files-delivered" ? [event.commit] : [];
  });
  const newest = named.at(-1);
  if (newest === undefined || (await isContained(repository, newest, now)) !== "no") return null;
  const isHere = (await store.reader.readCommit(newest)) !== undefined;
  if (isHere && (await isContained(repository, now, newest)) !== "yes") return null;
  return { now, newest, isHere };
}
