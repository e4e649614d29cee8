/** What a wave of lanes has taken of GitHub Actions: every machine is billed by the minute begun. */
import { msBetween } from "./instant.ts";
import { billedMinutes, START_MS } from "./lane-pack.ts";

/** The one that plans and the one that settles. */
export const AROUND_LANES_MINUTES = 2;

export interface LaneUse {
  /** After which it was ended. */
  readonly mostMinutes: number;
  /** First beginning and last end of its steps; null where it told of none. */
  readonly worked: { readonly from: string; readonly to: string } | null;
}

/** Of a lane that told nothing it is not known when it ended: at most all the time since counts. */
export function billedOf(
  lanes: readonly LaneUse[],
  { plannedAt, now }: { readonly plannedAt: string; readonly now: string },
): number {
  const since = billedMinutes(Math.max(0, msBetween(plannedAt, now)));
  const used = lanes.map(({ mostMinutes, worked }) =>
    worked === null
      ? Math.min(mostMinutes, since)
      : Math.min(
          mostMinutes,
          billedMinutes(START_MS + Math.max(0, msBetween(worked.from, worked.to))),
        ),
  );
  return used.reduce((sum, minutes) => sum + minutes, AROUND_LANES_MINUTES);
}
