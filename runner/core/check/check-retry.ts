/** The delays of a step that is tried again. */
import type { PlacedStep } from "./check-graph.ts";
import { pointer, type Found } from "./check-finding.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import type { AgentStep } from "#runner/schema/types.gen.ts";

/** A first wait beyond the longest one would never be waited. */
export function checkRetry({ retry = {} }: AgentStep, path: PlacedStep["path"]): readonly Found[] {
  const { delay, maxDelay } = retry;
  if (delay === undefined || maxDelay === undefined) return [];
  if (durationMs(delay) <= durationMs(maxDelay)) return [];
  const message = `the first wait, ${delay}, is longer than the longest, ${maxDelay}`;
  return [{ code: "step/retry", pointer: pointer(...path, "retry", "maxDelay"), message }];
}
