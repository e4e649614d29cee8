/** What this clone has told people of: a file beside its other own ones, so that nobody is told twice. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "./durable-file.ts";
import type { Repository } from "./repository.ts";

export interface ToldJournal {
  readonly told: readonly string[];
  /** Something waits for the end of quiet hours, or to be tried again. */
  readonly isDeferred: boolean;
  /** There is a heartbeat, which every tick is to tell. */
  readonly isBeating: boolean;
}

const NOTHING: ToldJournal = { told: [], isDeferred: false, isBeating: false };

/** What cannot be read was never told. */
export function readToldJournal(place: Pick<Repository, "fettleDir">): ToldJournal {
  try {
    const value: unknown = JSON.parse(readFileSync(pathOf(place), "utf8"));
    return isJournal(value) ? value : NOTHING;
  } catch {
    return NOTHING;
  }
}

export function writeToldJournal(place: Pick<Repository, "fettleDir">, journal: ToldJournal): void {
  writeDurably(pathOf(place), `${JSON.stringify(journal)}\n`);
}

function isJournal(value: unknown): value is ToldJournal {
  if (typeof value !== "object" || value === null) return false;
  if (!("told" in value && "isDeferred" in value && "isBeating" in value)) return false;
  const { told, isDeferred, isBeating } = value;
  return (
    typeof isDeferred === "boolean" &&
    typeof isBeating === "boolean" &&
    Array.isArray(told) &&
    told.every((id) => typeof id === "string")
  );
}

function pathOf({ fettleDir }: Pick<Repository, "fettleDir">): string {
  return join(fettleDir, "told.json");
}
