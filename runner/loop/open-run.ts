/** An open run as it is recorded, with its pipeline and agents as they were when it started. */
import { beforeOf, earlierOf } from "#runner/core/earlier-run.ts";
import type { RunSpec } from "#runner/core/gate/approval-subject.ts";
import { entryOf } from "#runner/core/entry.ts";
import { measuredGoal, measurePipeline } from "#runner/core/goal.ts";
import { MEMORY_REVIEW, reviewPipeline } from "#runner/core/memory/memory-review.ts";
import { undonePipeline } from "#runner/core/undo/undo-pipeline.ts";
import type { Earlier, OpenRun, ProjectVersion } from "#runner/core/model.ts";
import { runFolder, runPath } from "#runner/core/state-path.ts";
import { readClosedRun } from "./closed-runs.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type {
  AttemptRecord,
  CheckpointsRecord,
  Citation,
  ClosedRun,
  GateDecision,
  Pipeline,
  RunRecord,
  WaitRecord,
} from "#runner/schema/types.gen.ts";
import { readRecord, readPayload, type StateFiles } from "./state-files.ts";
import type { ManifestReader } from "./manifests.ts";
import { versionAt } from "./project-version.ts";

export interface RunSource {
  readonly files: StateFiles;
  readonly manifests: ManifestReader;
}

/** undefined when the run's record is not in this clone. */
export async function readOpenRun(
  { files, manifests }: RunSource,
  id: string,
): Promise<OpenRun | undefined> {
  const record = await readRecord(files, runPath(id), records.run);
  if (record === undefined) return undefined;
  const version = await versionAt(manifests, record.desired, record.project);
  const pipeline = version === undefined ? undefined : pipelineOf(version, record);
  const steps = await readSteps(files, id);
  if (version === undefined || pipeline === undefined) {
    return { record, ...UNKNOWN, ...steps, missing: record.desired };
  }
  const earlier = await readEarlier({ files, manifests }, record);
  const values = await readValues(files, citationsOf([steps, ...(earlier ? [earlier] : [])]));
  const { agents, pipelines } = version;
  return { record, pipeline, agents, pipelines, ...steps, values, ...(earlier && { earlier }) };
}

/** A pipeline has a step; this one is never planned. */
const UNKNOWN: Pick<OpenRun, "pipeline" | "agents" | "pipelines" | "values"> = {
  pipeline: { apiVersion: "fettle/v1", steps: [{ id: "unknown", wait: { for: "1h" } }] },
  agents: new Map(),
  pipelines: new Map(),
  values: new Map(),
};

/** The run that this one tries once more or undoes, if it does; what is not kept any more is not taken over. */
async function readEarlier(
  { files, manifests }: RunSource,
  record: RunRecord,
): Promise<Earlier | undefined> {
  const before = beforeOf(record);
  const closed = before === undefined ? undefined : await readClosedRun(files, before);
  if (closed === undefined) return undefined;
  const { desired, project } = closed.run;
  return earlierOf(record, closed, specOf(await versionAt(manifests, desired, project), closed));
}

/** What a closed run was made with; null where that is not in this clone. */
export function specOf(version: ProjectVersion | undefined, { run }: ClosedRun): RunSpec | null {
  const pipeline = version === undefined ? undefined : pipelineOf(version, run);
  if (version === undefined || pipeline === undefined) return null;
  const { agents, pipelines } = version;
  return { pipeline, agents, pipelines };
}

/** The pipeline of a run; that of a measurement follows from its goal, that of an undoing is the undone one. */
export function pipelineOf(
  version: ProjectVersion,
  record: Pick<RunRecord, "pipeline">,
): Pipeline | undefined {
  if (record.pipeline === MEMORY_REVIEW) return reviewPipeline();
  const name = measuredGoal(record.pipeline);
  if (name === null) {
    return version.pipelines.get(undonePipeline(record.pipeline) ?? record.pipeline);
  }
  const goal = entryOf(version.manifest.goals, name);
  return goal === undefined ? undefined : measurePipeline(goal);
}

interface Steps {
  readonly attempts: readonly AttemptRecord[];
  readonly decisions: readonly GateDecision[];
  readonly waits: readonly WaitRecord[];
  readonly checkpoints: readonly CheckpointsRecord[];
}

async function readSteps(files: StateFiles, id: string): Promise<Steps> {
  const folder = runFolder(id);
  const names = (await files.list(folder)).map((entry) => entry.name);
  const reading = names.map((name) => readStep(files, `${folder}/${name}`));
  const steps = await Promise.all(reading);
  return {
    attempts: steps.flatMap(({ attempt }) => attempt ?? []).toSorted(byStart),
    decisions: steps.flatMap(({ decision }) => decision ?? []),
    waits: steps.flatMap(({ wait }) => wait ?? []),
    checkpoints: steps.flatMap(({ checkpoints }) => checkpoints ?? []),
  };
}

interface StepFile {
  readonly attempt?: AttemptRecord | undefined;
  readonly decision?: GateDecision | undefined;
  readonly wait?: WaitRecord | undefined;
  readonly checkpoints?: CheckpointsRecord | undefined;
}

/** What a file of the run's folder says of a step; what kind it is stands in its name. */
async function readStep(files: StateFiles, path: string): Promise<StepFile> {
  if (path.endsWith("/run.json")) return {};
  if (path.endsWith(".gate.json")) {
    return { decision: await readRecord(files, path, records.gateDecision) };
  }
  if (path.endsWith(".wait.json")) return { wait: await readRecord(files, path, records.wait) };
  if (path.endsWith(".checkpoints.json")) {
    return { checkpoints: await readRecord(files, path, records.checkpoints) };
  }
  return { attempt: await readRecord(files, path, records.attempt) };
}

function byStart(a: AttemptRecord, b: AttemptRecord): number {
  if (a.startedAt === b.startedAt) return a.attempt - b.attempt;
  return a.startedAt < b.startedAt ? -1 : 1;
}

/** What expressions may read of the records of a run. */
export function citationsOf(
  runs: readonly (Pick<Steps, "attempts" | "decisions"> & Partial<Pick<Steps, "checkpoints">>)[],
): readonly Citation[] {
  const ofAttempts = runs.flatMap(({ attempts }) =>
    attempts.flatMap(({ outputs, itemInput, effect, inputs }) => [
      outputs,
      itemInput,
      // What undoes an effect sees what it was made from.
      effect === undefined ? null : inputs,
    ]),
  );
  const ofItems = runs.flatMap(({ decisions }) =>
    decisions.flatMap(({ items }) => items.flatMap((item) => [item.outputs, item.input])),
  );
  const saved = runs.flatMap(({ checkpoints = [] }) =>
    checkpoints.flatMap((record) => Object.values(record.checkpoints)),
  );
  return [...ofAttempts, ...ofItems, ...saved].filter(
    (citation) => citation !== null && citation !== undefined,
  );
}

export async function readValues(
  files: StateFiles,
  citations: readonly Citation[],
): Promise<OpenRun["values"]> {
  const values = new Map<string, unknown>();
  await Promise.all(
    citations.map(async (citation) => {
      const found = await readPayload(files.reader, citation);
      if (found !== undefined) values.set(citation.digest, found.value);
    }),
  );
  return values;
}
