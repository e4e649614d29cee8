/** Runs that are over and whose approval was taken back since: what they did stands, and a person says what becomes of it. */
import { gateId } from "#runner/core/identifier.ts";
import { gateFolder } from "#runner/core/state-path.ts";
import { stands, type WithdrawnRun } from "#runner/core/withdrawn-run.ts";
import { removedPaths } from "#runner/repo/history.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Engine, View } from "./engine.ts";
import { gateSteps, recentRuns, type Asking } from "./late-approvals.ts";
import { readRecord } from "./state-files.ts";
import { undoPreview } from "./undo-run.ts";

/** Commits of main that are looked through. */
const COMMITS = 100;

type Seen = Pick<View, "workspace" | "observed">;

interface Candidate {
  readonly one: Asking;
  readonly run: string;
  readonly path: string;
}

/** Of runs of the last days, as far as the state holds them on its tip. Git is asked only where a record is missing. */
export async function withdrawnRuns(engine: Engine, seen: Seen): Promise<readonly WithdrawnRun[]> {
  const missing = await withoutRecord(engine, seen);
  if (missing.length === 0) return [];
  const gone = await goneRecords(engine, seen, missing);
  const taken = missing.filter((candidate) => gone.has(recordOf(candidate)));
  const found = await Promise.all(taken.map((candidate) => withdrawnRun(engine, seen, candidate)));
  return found.filter((run) => run !== null).toSorted((a, b) => (a.run < b.run ? -1 : 1));
}

/** Runs of pipelines that ask, and for which main holds no decision. */
async function withoutRecord(
  { store }: Engine,
  { workspace }: Seen,
): Promise<readonly Candidate[]> {
  // An answer to a question lets nothing begin by itself.
  const asking = [...workspace.projects.values()]
    .flatMap(gateSteps)
    .filter(({ step }) => !step.isQuestion);
  if (asking.length === 0) return [];
  const runs = [...(await recentRuns(store))];
  const candidates = asking.flatMap((one) =>
    runs
      .filter(([run]) => run.slice(0, run.lastIndexOf(".")) === one.pipeline)
      .map(([run, path]): Candidate => ({ one, run, path })),
  );
  const there = await Promise.all(
    candidates.map((one) => store.reader.resolve(`${workspace.commit}:${recordOf(one)}`)),
  );
  return candidates.filter((_, index) => there[index] === undefined);
}

/** Decision records of their projects that main held once. */
async function goneRecords(
  { repository }: Engine,
  { workspace }: Seen,
  missing: readonly Candidate[],
): Promise<ReadonlySet<string>> {
  const projects = new Set(missing.map(({ one }) => one.project));
  const paths = [...projects].map((name) => gateFolder(name, "").slice(0, -1));
  return new Set(await removedPaths(repository, workspace.commit, { paths, limit: COMMITS }));
}

function recordOf({ one: { project, pipeline, step }, run }: Candidate): string {
  return `${gateFolder(project, gateId(pipeline, run, step.id))}/decision.md`;
}

async function withdrawnRun(
  engine: Engine,
  seen: Seen,
  { one: { project, step }, run, path }: Candidate,
): Promise<WithdrawnRun | null> {
  const closed = await readRecord(engine.store, path, records.closedRun);
  const isApproved = closed?.gates.some(
    (made) => made.step === step.id && made.decision === "approved" && made.gate !== null,
  );
  if (closed === undefined || isApproved !== true || closed.run.project !== project) return null;
  const undoing = [...seen.observed.runs.values()];
  if (undoing.some(({ record }) => record.undoes?.run === run)) return null;
  const preview = await undoPreview(engine, seen, { run, endedAt: closed.endedAt });
  const effects = (preview?.effects ?? []).filter(stands);
  return effects.length === 0 ? null : { project, run, title: step.title, effects };
}
