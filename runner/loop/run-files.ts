/** The files that a step sees: the run's base, with what earlier steps and gates of the run added. */
import type { OpenRun } from "#runner/core/model.ts";
import { agentStepsBefore, needsOf, stepNamed } from "#runner/core/step-graph.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";

interface SeenFile {
  readonly oid: string;
  readonly executable: boolean;
}

/** Path to blob id, from the top of the repository; symbolic links and submodules are left out. */
export type FileView = ReadonlyMap<string, SeenFile>;

const COMMITS_KEPT = 8;

const trees = new WeakMap<ObjectReader, Map<string, Promise<FileView>>>();

/** Every regular file of a commit; the last commits asked for are kept. */
export function filesOfCommit(reader: ObjectReader, commit: string): Promise<FileView> {
  const known = trees.get(reader) ?? new Map<string, Promise<FileView>>();
  trees.set(reader, known);
  const listed = known.get(commit) ?? list(reader, commit);
  known.delete(commit);
  known.set(commit, listed);
  for (const oldest of [...known.keys()].slice(0, -COMMITS_KEPT)) known.delete(oldest);
  return listed;
}

async function list(reader: ObjectReader, commit: string): Promise<FileView> {
  const files = await listTree(reader, commit);
  return new Map(
    files
      .filter(isRegular)
      .map(({ path, oid, kind }) => [path, { oid, executable: kind === "executable" }]),
  );
}

/** What the step sees of the repository. */
export async function filesForStep(
  reader: ObjectReader,
  run: OpenRun,
  step: string,
): Promise<FileView> {
  const files = new Map(await filesOfCommit(reader, run.record.base.commit));
  const add = (path: string, oid: string): void => void files.set(path, { oid, executable: false });
  for (const file of run.record.base.overlay) add(file.path, file.blob);
  const before = new Set(agentStepsBefore(run.pipeline, step).map(({ id }) => id));
  for (const attempt of run.attempts) {
    if (!before.has(attempt.step) || attempt.outcome !== "succeeded") continue;
    for (const file of attempt.deliverables) add(file.path, file.blob);
  }
  const needed = stepNamed(run.pipeline, step);
  const gates = new Set([...before, ...(needed === undefined ? [] : needsOf(needed))]);
  for (const decision of run.decisions) {
    if (!gates.has(decision.step)) continue;
    for (const [path, oid] of Object.entries(decision.files)) add(path, oid);
  }
  return files;
}
