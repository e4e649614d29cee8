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
  const committed = await filesOfCommit(reader, run.record.base.commit);
  const added = filesOfRun(run, step);
  // A company has thousands of files, and most steps add none.
  if (added.length === 0) return committed;
  const seen = added.map(([path, oid]) => [path, { oid, executable: false }] as const);
  return new Map([...committed, ...seen]);
}

/** What the run itself has brought that the step may see, by path; a later one takes the place of an earlier one. */
function filesOfRun(run: OpenRun, step: string): readonly (readonly [string, string])[] {
  const before = new Set(agentStepsBefore(run.pipeline, step).map(({ id }) => id));
  const needed = stepNamed(run.pipeline, step);
  const gates = new Set([...before, ...(needed === undefined ? [] : needsOf(needed))]);
  const delivered = run.attempts
    .filter((attempt) => before.has(attempt.step) && attempt.outcome === "succeeded")
    .flatMap(({ deliverables }) => deliverables);
  const decided = run.decisions.filter((decision) => gates.has(decision.step));
  return [
    ...[...run.record.base.overlay, ...delivered].map(({ path, blob }) => [path, blob] as const),
    ...decided.flatMap(({ files }) => Object.entries(files)),
  ];
}
