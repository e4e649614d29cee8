/** Stops that were asked for while a tick held the lock: files beside the clone's own ones, which a tick at work looks for. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "./durable-file.ts";
import type { Repository } from "./repository.ts";

type Place = Pick<Repository, "fettleDir">;

/** `id` becomes the name of the file. */
export function markStop(place: Place, { id, text }: StopMarker): void {
  writeDurably(join(folderOf(place), `${id}${ENDING}`), text);
}

export interface StopMarker {
  readonly id: string;
  readonly text: string;
}

export function stopMarkers(place: Place): readonly StopMarker[] {
  if (!existsSync(folderOf(place))) return [];
  return readdirSync(folderOf(place))
    .filter(isMarker)
    .toSorted()
    .map((name) => ({
      id: name.slice(0, -ENDING.length),
      text: readFileSync(join(folderOf(place), name), "utf8"),
    }));
}

export function dropStopMarker(place: Place, id: string): void {
  rmSync(join(folderOf(place), `${id}${ENDING}`), { force: true });
}

const ENDING = ".json";

function isMarker(name: string): boolean {
  return name.endsWith(ENDING);
}

function folderOf({ fettleDir }: Place): string {
  return join(fettleDir, "stops");
}
