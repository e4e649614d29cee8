/** Memory as prompts tell it: each record with its age, so that a reader can weigh it. */
import { DAY_MS } from "#runner/core/duration.ts";
import { msBetween } from "#runner/core/instant.ts";
import type { InjectedMemory } from "./invocation.ts";

export interface ToldMemory extends InjectedMemory {
  /** `12 days old`, or `of unknown age`. */
  readonly age: string;
  /** Older than a season, or nobody knows how old. */
  readonly mayBeStale: boolean;
}

const FRESH_DAYS = 90;

/** Ages count from `asOf`, the only clock of an attempt; where that has none, nobody knows them. */
export function toldMemory(record: InjectedMemory, asOf: string | null): ToldMemory {
  const { recordedAt } = record;
  if (asOf === null || recordedAt === null) {
    return { ...record, age: "of unknown age", mayBeStale: true };
  }
  const days = Math.max(Math.floor(msBetween(recordedAt, asOf) / DAY_MS), 0);
  const age = `${days} ${days === 1 ? "day" : "days"} old`;
  return { ...record, age, mayBeStale: days > FRESH_DAYS };
}
