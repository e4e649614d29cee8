/** What an operator's verb puts on main here, until the origin has it: a crash, or a network that is away, may come in between. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { removeFile, writeDurably } from "./durable-file.ts";
import type { Repository } from "./repository.ts";

type Place = Pick<Repository, "fettleDir">;

/** Commits. */
export interface UnpushedMain {
  readonly from: string;
  readonly to: string;
}

export function noteUnpushed(place: Place, { from, to }: UnpushedMain): void {
  writeDurably(pathOf(place), JSON.stringify({ from, to }));
}

export function forgetUnpushed(place: Place): void {
  removeFile(pathOf(place));
}

export function unpushedMain(place: Place): UnpushedMain | undefined {
  const path = pathOf(place);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

function pathOf({ fettleDir }: Place): string {
  return join(fettleDir, "unpushed-main.json");
}
