/** Which runs other runners work on. A lease spares work; what makes effects safe is their intent on the state branch. */
import { HOUR_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { RunnerRecord } from "#runner/schema/types.gen.ts";

/** How far the clocks of two runners may be apart. */
const SKEW_MS = 30_000;
/** No claim lasts this long: whoever made one that seems to had a clock that was ahead. */
const NEVER_MS = HOUR_MS;

/** A runner works on these runs. */
export interface Claim {
  readonly runner: string;
  readonly runs: readonly string[];
  readonly fence: number;
  readonly expires: string;
  /** Of lanes: the digest of the plan that was handed to them. */
  readonly plan?: string;
  /** Of lanes that are over, in GitHub Actions: the minutes that they took, and the calendar day. */
  readonly billed?: { readonly day: string; readonly minutes: number };
}

export interface Lease {
  readonly runner: string;
  /** From when the run may be taken over. */
  readonly until: string;
}

/** Lanes have a name of their own for each plan: nobody comes back to it, and its record goes. */
export function isLanesEnd({ plan, runs }: Pick<Claim, "plan" | "runs">): boolean {
  return plan !== undefined && runs.length === 0;
}

/** Runs that another runner works on at `now`. */
export function heldByOthers(
  runners: readonly RunnerRecord[],
  self: string,
  now: string,
): ReadonlyMap<string, Lease> {
  const held = new Map<string, Lease>();
  for (const { runner, runs, since, expires, plan } of runners) {
    const until = addMs(expires, SKEW_MS);
    // A claim of lanes lasts as long as the longest of them may take: of a clock that is ahead its beginning tells.
    const made = plan === undefined ? until : since;
    if (runner === self || until <= now || made > addMs(now, NEVER_MS)) continue;
    for (const run of runs) held.set(run, { runner, until });
  }
  return held;
}
