import type { AttemptRecord } from "#runner/schema/types.gen.ts";

/** Millionths of a US dollar of all attempts. */
export function costOf(attempts: readonly Pick<AttemptRecord, "costMicros">[]): number {
  return attempts.reduce((sum, attempt) => sum + attempt.costMicros, 0);
}
