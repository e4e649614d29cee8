/** What a new run begins with, whatever starts it. */
import type { LiveProject, Pipeline, RunRecord } from "#runner/schema/types.gen.ts";

/** Main's files at `commit`, with those that wait for delivery laid over them. */
export function runBase(commit: string, live: LiveProject | undefined): RunRecord["base"] {
  const pending = (live?.pending ?? []).filter(({ asks }) => asks === undefined);
  const overlay = pending.map(({ path, content, blob, was, bytes }) => ({
    path,
    content,
    blob,
    was,
    bytes,
  }));
  return { commit, overlay };
}

/** `previous` of a run that has no run before it. */
export function initialOutputs(pipeline: Pipeline): Readonly<Record<string, unknown>> {
  const outputs = Object.entries(pipeline.outputs ?? {});
  return Object.fromEntries(outputs.map(([name, { initial }]) => [name, initial]));
}
