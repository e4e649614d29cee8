/** What a lane does with a step that it was given. What was permitted once is begun once from a folder. */
import { addMs } from "#runner/core/time/instant.ts";
import type { LanePlan, PlannedUnit } from "./lane-plan.ts";

/** What the folder of a lane knows of one of its steps. */
export interface KnownUnit {
  /** There is a result. */
  readonly isTold: boolean;
  /** Somebody has noted that it begins, or that it cannot, whatever came of it. */
  readonly isBegun: boolean;
}

/** `left`: who has begun it may have died in the middle, and not even that it begins too late can be said of it. */
export type UnitMove = "told" | "left" | "do";

export function unitMove(isPermitted: boolean, { isTold, isBegun }: KnownUnit): UnitMove {
  if (isTold) return "told";
  return isPermitted && isBegun ? "left" : "do";
}

/** Others take over what the lanes have not told of by then: nothing begins that might go on beside them. */
export function isTooLate(
  { expires }: Pick<LanePlan, "expires">,
  { start }: Pick<PlannedUnit, "start">,
  now: string,
): boolean {
  return addMs(now, start.timeoutMs) > expires;
}
