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

/**
 * The record that the start of a run leaves for ever; null for a run that no step waits for. A further try takes the item up
 * again: until it is over nobody else does, and nobody says how it ended.
 */
export function handledAtStart(record: RunRecord): HandledRecord | null {
  const { id, project, pipeline, startedAt } = record;
  const parent = parentOf(record);
  if (parent === null) {
    const item = takenUpBy(record);
    return item === null ? null : { ...item, project, pipeline, retriedBy: id, end: null };
  }
  const { run: by, step, item } = parent;
  return { run: id, project, pipeline, parent: by, step, item, startedAt, end: null };
}

/** The item that a further try takes up again; null where it was handled well before. */
function takenUpBy({ handles }: RunRecord): HandledItem | null {
  return handles === undefined || handles.succeeded === true ? null : handles;
}

type Ended = Pick<ClosedRun, "run" | "result" | "reason" | "endedAt" | "outputs">;

/** The same at the end of the run; that of the run before where this one tried it once more. */
export function handledAtEnd({
  run,
  result,
  reason,
  endedAt,
  outputs,
}: Ended): HandledRecord | null {
  const started = handledAtStart(run) ?? madeGood(run, result);
  if (started === null) return null;
  const { retriedBy: _, ...record } = started;
  return { ...record, end: { result, reason, at: endedAt, outputs } };
}

/** What was handled well before counts anew only where it was so once more. */
function madeGood(
  { project, pipeline, handles }: RunRecord,
  result: ClosedRun["result"],
): HandledRecord | null {
  if (handles === undefined || !isGood(result)) return null;
  const { succeeded: _, ...item } = handles;
  return { ...item, project, pipeline, end: null };
}

function isGood(result: ClosedRun["result"]): boolean {
  return result === "succeeded" || result === "degraded";
}

/** What a further try of a run that a step waited for takes up or makes good. */
export function handlesOf({
  run,
  result,
}: Pick<ClosedRun, "run" | "result">): HandledItem | undefined {
  const parent = parentOf(run);
  const item = parent === null ? run.handles : itemOf(run, parent);
  return item === undefined || !isGood(result) ? item : { ...item, succeeded: true };
}

function itemOf({ id, startedAt }: RunRecord, parent: PipelineTrigger): HandledItem {
  const { run, step, item } = parent;
  return { run: id, parent: run, step, item, startedAt };
}
