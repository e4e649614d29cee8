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

/** Of runs of the last days, as far as the state holds them on its tip. */
export async function withdrawnRuns(engine: Engine, seen: Seen): Promise<readonly WithdrawnRun[]> {
  const gone = await goneRecords(engine, seen);
  if (gone.size === 0) return [];
  const runs = await recentRuns(engine.store);
  // An answer to a question lets nothing begin by itself.
  const asking = [...seen.workspace.projects.values()]
    .flatMap(gateSteps)
    .filter(({ step }) => !step.isQuestion);
  const found = await Promise.all(
    asking.flatMap((one) =>
      [...runs]
        .filter(([run]) => run.slice(0, run.lastIndexOf(".")) === one.pipeline)
        .filter(([run]) => gone.has(recordOf(one, run)))
        .map(([run, path]) => withdrawnRun(engine, seen, { one, run, path })),
    ),
  );
  return found.filter((run) => run !== null).toSorted((a, b) => (a.run < b.run ? -1 : 1));
}

/** Decision records that main held once, and does not now. */
async function goneRecords(
  { repository, store }: Engine,
  { workspace }: Seen,
): Promise<ReadonlySet<string>> {
  const paths = [...workspace.projects.keys()].map((name) => gateFolder(name, "").slice(0, -1));
  const removed = await removedPaths(repository, workspace.commit, { paths, limit: COMMITS });
  const decisions = [...new Set(removed)].filter((path) => path.endsWith("/decision.md"));
  const there = await Promise.all(
    decisions.map((path) => store.reader.resolve(`${workspace.commit}:${path}`)),
  );
  return new Set(decisions.filter((_, index) => there[index] === undefined));
}

function recordOf({ project, pipeline, step }: Asking, run: string): string {
  return `${gateFolder(project, gateId(pipeline, run, step.id))}/decision.md`;
}

interface Candidate {
  readonly one: Asking;
  readonly run: string;
  readonly path: string;
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
