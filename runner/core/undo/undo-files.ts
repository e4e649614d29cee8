/** Which files of a run go back to what they were: those that are still as the run left them. */
import type { AttemptRecord, GateDecision } from "#runner/schema/types.gen.ts";

export interface LeftFile {
  readonly path: string;
  /** Blob before the run and after it; null: there was none. */
  readonly was: string | null;
  readonly blob: string;
}

/** What the run brought to main, in the order of paths; what a gate decided counts as it was approved. */
export function filesLeftBy(
  attempts: readonly AttemptRecord[],
  decisions: readonly Pick<GateDecision, "files">[],
): readonly LeftFile[] {
  const left = new Map<string, LeftFile>();
  for (const { outcome, deliverables, keptFrom } of attempts) {
    if (outcome !== "succeeded" || keptFrom !== undefined) continue;
    for (const { path, was, blob } of deliverables) {
      const known = left.get(path);
      // null is an answer too: before the run there was no such file.
      left.set(path, { path, was: known === undefined ? was : known.was, blob });
    }
  }
  for (const [path, blob] of decisions.flatMap(({ files }) => Object.entries(files))) {
    const known = left.get(path);
    if (known !== undefined) left.set(path, { ...known, blob });
  }
  return [...left.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export interface FilesToUndo {
  /** Go back. */
  readonly revert: readonly LeftFile[];
  /** Somebody changed them since: they stay. */
  readonly changed: readonly string[];
}

/** `main`: blob that stands at a path now; null = none. */
export function filesToUndo(
  left: readonly LeftFile[],
  main: ReadonlyMap<string, string | null>,
): FilesToUndo {
  const now = ({ path }: LeftFile): string | null => main.get(path) ?? null;
  return {
    revert: left.filter((file) => now(file) === file.blob && file.was !== file.blob),
    changed: left
      .filter((file) => now(file) !== file.blob && now(file) !== file.was)
      .map(({ path }) => path),
  };
}
