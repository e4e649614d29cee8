/** Runs in which another execution was faster: what somebody went on from is not what is recorded. */
import type { Observed } from "#runner/core/model.ts";
import { attemptPath } from "#runner/core/state-path.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

/** Of the runs that were open in `before`; what is at work for one of these is made from what nobody has. */
export function partedRuns(
  before: Pick<Observed, "runs">,
  after: Pick<Observed, "runs">,
): ReadonlySet<string> {
  const parted = [...before.runs].filter(([id, { attempts }]) => {
    const known = new Map((after.runs.get(id)?.attempts ?? []).map(named));
    return attempts.some((attempt) => {
      const [name] = named(attempt);
      const { outputs } = attempt;
      return outputs !== null && known.get(name)?.outputs?.digest !== outputs.digest;
    });
  });
  return new Set(parted.map(([id]) => id));
}

function named(attempt: AttemptRecord): readonly [string, AttemptRecord] {
  return [attemptPath(attempt.run, attempt, attempt.attempt), attempt];
}
