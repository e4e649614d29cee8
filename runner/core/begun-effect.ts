/** Effects that a run has begun and whose end it does not know. */
import type { OpenRun } from "./model.ts";
import { dueAt } from "./retry.ts";
import { lastAttempts } from "./unit-history.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

export function begunAttempts(run: OpenRun): readonly AttemptRecord[] {
  return lastAttempts(run).filter(
    (attempt) => attempt.state === "intended" || dueAt(attempt) !== null,
  );
}

export function hasBegunEffect(run: OpenRun): boolean {
  return begunAttempts(run).some(({ effect }) => effect !== undefined);
}
