/** What a wave of lanes has taken of GitHub Actions: every machine is billed by the minute begun. */
import { msBetween } from "#runner/core/time/instant.ts";
import { billedMinutes, START_MS } from "./lane-pack.ts";

/** The one that plans and the one that settles. */
export const AROUND_LANES_MINUTES = 2;

export interface LaneUse {
  /** After which it was ended. */
  readonly mostMinutes: number;
  /** First beginning and last end of its steps; null where it did not tell of all. */
  readonly worked: Span | null;
}

interface Span {
  readonly from: string;
  readonly to: string;
}

/** Of its steps, as far as they were told: one that was not may have gone on to the end of the lane. */
export function workedBy(steps: readonly (Span | undefined)[]): Span | null {
  const told = steps.filter((step) => step !== undefined);
  const [from] = told.map((step) => step.from).toSorted();
  const to = told
    .map((step) => step.to)
    .toSorted()
    .at(-1);
  if (told.length < steps.length || from === undefined || to === undefined) return null;
  return { from, to };
}

/** Of a lane that did not tell of all its steps it is not known when it ended: at most all the time since counts. */
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
