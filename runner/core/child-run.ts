/** A run that a pipeline step of another run waits for: its parent. */
import { runId } from "./identifier.ts";
import type { Observed, OpenRun } from "./model.ts";
import type {
  ClosedRun,
  HandledItem,
  HandledRecord,
  PipelineTrigger,
  RunRecord,
} from "#runner/schema/types.gen.ts";

/** null: no other run waits for it. */
export function parentOf({ trigger }: Pick<RunRecord, "trigger">): PipelineTrigger | null {
  return trigger.kind === "pipeline" ? trigger : null;
}

/** Open runs that a run waits for, without those that they wait for. */
export function childrenOf(runs: Observed["runs"], id: string): readonly OpenRun[] {
  return [...runs.values()].filter(({ record }) => parentOf(record)?.run === id);
}

/**
 * Names the child: an item is handled once ever, a step without items once a run. An item whose run was called off is handed
 * over another time.
 */
export function childSlot(
  { run, step, item }: Omit<PipelineTrigger, "kind">,
  time: number,
): string {
  if (item === null) return `run:${run}:${step}`;
  return time === 1 ? `item:${item}` : `item#${time}:${item}`;
}

/** The child under the names that its project and pipeline have and had; the first is today's. */
export function childIds(
  names: { readonly projects: readonly string[]; readonly pipelines: readonly string[] },
  slot: string,
): readonly string[] {
  return names.projects.flatMap((project) =>
    names.pipelines.map((pipeline) => runId(project, pipeline, slot)),
  );
}

/** The record that the start of a run leaves for ever; null for a run that no step waits for. */
export function handledAtStart(record: RunRecord): HandledRecord | null {
  const parent = parentOf(record);
  if (parent === null) return null;
  const { id: run, project, pipeline, startedAt } = record;
  const { run: by, step, item } = parent;
  return { run, project, pipeline, parent: by, step, item, startedAt, end: null };
}

type Ended = Pick<ClosedRun, "run" | "result" | "reason" | "endedAt" | "outputs">;

/** The same at the end of the run; that of the run before where this one made good what failed there. */
export function handledAtEnd({
  run,
  result,
  reason,
  endedAt,
  outputs,
}: Ended): HandledRecord | null {
  const started = handledAtStart(run) ?? handledBefore(run, result);
  return started === null ? null : { ...started, end: { result, reason, at: endedAt, outputs } };
}

function handledBefore(
  { project, pipeline, handles }: RunRecord,
  result: ClosedRun["result"],
): HandledRecord | null {
  const isGood = result === "succeeded" || result === "degraded";
  return handles === undefined || !isGood ? null : { ...handles, project, pipeline, end: null };
}

/** What a further try of a run that a step waited for makes good. */
export function handlesOf(record: RunRecord): HandledItem | undefined {
  const parent = parentOf(record);
  if (parent === null) return record.handles;
  const { run, step, item } = parent;
  return { run: record.id, parent: run, step, item, startedAt: record.startedAt };
}
