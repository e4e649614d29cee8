/** When a runner had nothing left to do, and until when that holds. */
import type { Plan } from "#runner/core/action.ts";
import { addMs, earliest } from "#runner/core/time/instant.ts";
import type { Group } from "./remote.ts";
import type { Sight } from "./sight.ts";
import type { World } from "./world.ts";

const LONGEST_REST_MS = 600_000;

/** Who looks at once when the time of lanes is over that were waited for. */
const TAKING_OVER_MS = 240_000;

/** Beside lanes a runner looks now and then. */
export function isResting({ random, faults, remote, now }: World): boolean {
  if (faults.resting === 0) return false;
  const since = addMs(now, -TAKING_OVER_MS);
  const hasExpired = remote.observed.runners.some(
    ({ plan, expires, runs }) =>
      plan !== undefined && runs.length > 0 && expires < now && expires > since,
  );
  return !hasExpired && random.chance(faults.resting);
}

/** State, main and gates as a runner knows them. */
export interface Standing {
  readonly tip: Group | undefined;
  readonly sight: Sight;
  readonly clock: () => string;
}

interface Idle {
  readonly tip: Group | undefined;
  readonly sight: Sight;
  readonly until: string;
}

export class Rest {
  #idle: Idle | null = null;

  /** As a tick that changes nothing: all is what it was when nothing was left to do. */
  lasts(now: Standing, isIdle: () => boolean): boolean {
    const { tip, sight, until } = this.#idle ?? { until: "" };
    const isSame = tip === now.tip && sight?.commit === now.sight.commit;
    const isDeleted = sight?.deleted.size === now.sight.deleted.size;
    return isSame && isDeleted && isIdle() && now.clock() < until;
  }

  begin({ actions, holds, nextWake }: Plan, { tip, sight, clock }: Standing): void {
    const now = clock();
    const wakes = [nextWake, ...holds.map(({ until }) => until), addMs(now, LONGEST_REST_MS)];
    const until = earliest(wakes.filter((wake) => wake !== null && wake > now)) ?? now;
    this.#idle = actions.length === 0 ? { tip, sight, until } : null;
  }
}
