/** Pipelines whose last run failed, with why. */
import type { FailedRun } from "#runner/core/failed-run.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { closedRunPath } from "#runner/core/state-path.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import { readRecord, type StateFiles } from "./state-files.ts";

interface Seen {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly files: StateFiles;
}

/** In the order of their names; where another run is open already, that one counts. */
export async function failedRuns({ workspace, observed, files }: Seen): Promise<FailedRun[]> {
  const open = new Set(
    [...observed.runs.values()].map(({ record }) => `${record.project}/${record.pipeline}`),
  );
  const failed = [...workspace.projects.values()].flatMap(({ name, pipelines }) => {
    const states = observed.summaries.projects.get(name)?.pipelines ?? {};
    return Object.entries(states).flatMap(([pipeline, { lastRun }]) =>
      lastRun?.result === "failed" && pipelines.has(pipeline) && !open.has(`${name}/${pipeline}`)
        ? [{ ...lastRun, of: `${name}/${pipeline}` }]
        : [],
    );
  });
  return Promise.all(
    failed
      .toSorted((a, b) => (a.of < b.of ? -1 : 1))
      .map(async ({ of, id, endedAt }) => {
        const path = closedRunPath(id, endedAt);
        const closed = await readRecord(files, path, records.closedRun);
        // What was compacted away says no more why.
        return { of, id, endedAt, reason: closed?.reason ?? "" };
      }),
  );
}
