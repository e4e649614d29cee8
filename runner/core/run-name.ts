/** Which runs are meant by what somebody typed. */
import type { RunRecord } from "#runner/schema/types.gen.ts";

interface Named {
  readonly record: Pick<RunRecord, "id" | "project" | "pipeline">;
}

/**
 * The run of this id, else the latest runs of the pipeline of this name (`chase-invoices`, `collections/chase-invoices`),
 * one for each project that has such a pipeline, else every run whose id begins so. `runs` are newest first.
 */
export function runsNamed<Run extends Named>(name: string, runs: readonly Run[]): readonly Run[] {
  const exact = runs.filter(({ record }) => record.id === name);
  if (exact.length > 0) return exact;
  const ofPipeline = runs.filter(
    ({ record: { project, pipeline } }) => pipeline === name || `${project}/${pipeline}` === name,
  );
  if (ofPipeline.length > 0) return latestOfProjects(ofPipeline);
  return runs.filter(({ record }) => record.id.startsWith(name));
}

function latestOfProjects<Run extends Named>(runs: readonly Run[]): readonly Run[] {
  const groups = Map.groupBy(runs, ({ record }) => record.project);
  return [...groups.values()].flatMap((same) => same.slice(0, 1));
}
