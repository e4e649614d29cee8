/** The newest state as the protocol asks for it, where that is what was observed. */
import { runsOf } from "#runner/core/event-runs.ts";
import type { Observed } from "#runner/core/model.ts";
import { attemptPath, checkpointsPath } from "#runner/core/state-path.ts";
import type { Recorded, Tip, TipRun } from "./rebase.ts";

/** As `pending` concerns it; `closed`: runs that have ended, null where each that is not open has. */
export function observedTip(
  pending: readonly Recorded[],
  observed: Observed,
  closed: ReadonlySet<string> | null = null,
): Tip {
  const ids = new Set(pending.flatMap(({ event }) => runsOf(event)));
  const runs = [...ids].flatMap((id): [string, TipRun][] => {
    const run = openRunIn(observed, id);
    if (run !== null) return [[id, run]];
    return closed === null || closed.has(id) ? [[id, { state: "closed" }]] : [];
  });
  const receipts = [...observed.receipts].flatMap(([base, record]) =>
    record === null ? [] : [[base, record] as const],
  );
  return {
    runs: new Map(runs),
    receipts: new Map(receipts),
    requests: new Set(observed.requests.map(({ id }) => id)),
    saved: savedIn(observed),
    projects: new Set(observed.summaries.projects.keys()),
    self: observed.self,
  };
}

function openRunIn({ runs }: Observed, id: string): TipRun | null {
  const run = runs.get(id);
  if (run === undefined) return null;
  const attempts = run.attempts.map(
    (attempt) => [attemptPath(id, attempt, attempt.attempt), attempt] as const,
  );
  return { state: "open", record: run.record, attempts: new Map(attempts) };
}

/** When each step was saved last, by the path of its record. */
function savedIn({ runs }: Observed): ReadonlyMap<string, string> {
  const all = [...runs.values()].flatMap(({ checkpoints }) => checkpoints);
  return new Map(all.map((saved) => [checkpointsPath(saved.run, saved), saved.savedAt]));
}
