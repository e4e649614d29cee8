/** Records as a step leaves them: three files of four kilobytes in all, incompressible enough to be fair. */
import { createHash } from "node:crypto";
import type { StateChange } from "#runner/repo/state-change.ts";

const FILE_BYTES = 1365;
/** Open runs that the steps belong to in turn. */
const RUNS = 40;

/** The files of step number `index`: its record, the summary of its project, its event. */
export function stepFiles(index: number): ReadonlyMap<string, string> {
  return new Map([
    [`open/run${index % RUNS}/step${Math.floor(index / RUNS)}.1.json`, record(`attempt ${index}`)],
    [`live/project${index % RUNS}.json`, record(`live ${index}`)],
    [`events/2026-03-02/${Math.floor(index / 200)}/${index}.json`, record(`event ${index}`)],
  ]);
}

export function changeOf(indexes: readonly number[]): StateChange {
  return {
    subject: `steps ${indexes.join(" ")}`,
    trailers: [],
    stateFiles: new Map(indexes.flatMap((index) => [...stepFiles(index)])),
    payload: [],
    alsoRefs: [],
    at: 1_772_442_000,
  };
}

function record(seed: string): string {
  const noise = Array.from({ length: Math.ceil(FILE_BYTES / 64) }, (_, part) =>
    createHash("sha256").update(`${seed} ${part}`).digest("hex"),
  ).join("");
  return `${JSON.stringify({ seed, noise: noise.slice(0, FILE_BYTES - 40) })}\n`;
}
