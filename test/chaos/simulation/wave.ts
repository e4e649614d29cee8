/** What was handed out to lanes: the folder of a plan, what is noted there, and what its lanes have told. */
import { isTooLate } from "#runner/core/lane/lane-unit.ts";
import type { LanePlan, PlannedLane, PlannedUnit } from "#runner/core/lane/lane-plan.ts";
import type { View } from "#runner/loop/engine.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import type { Kept } from "./saving.ts";
import type { Group } from "./remote.ts";

export interface Told {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly outcome: Outcome;
  /** Its agent was started. */
  readonly started: boolean;
  readonly mark: number;
  /** Micro-dollars. */
  readonly taken: number;
  /** What it has saved last. */
  readonly kept: Kept | null;
}

/** By unit. */
export type Results = Map<string, Told>;

export interface Handed {
  readonly id: string;
  readonly plan: LanePlan;
  /** All as it was seen when it was handed out, and the newest that the origin had then. */
  readonly past: View;
  readonly tip: Group | undefined;
  /** So many commits the origin had then. */
  readonly base: number;
}

export class Wave {
  readonly handed: Handed;
  /** Units that somebody has begun, or refused. */
  readonly noted = new Set<string>();
  /** Folders for results; what is told in one is not known in another. */
  readonly outs: Results[] = [new Map()];
  /** So many machines were started for it. */
  machines = 0;
  /** Lanes that a machine was ever started for. */
  readonly started = new Set<string>();
  /** Lanes of which one had not what it needed: somebody sees to that, and tries again. */
  readonly lacking = new Set<string>();
  /** There is no machine for it until it is nearly too late; then it is settled as soon as they are over. */
  readonly isSlow: boolean;
  isDue = false;

  constructor(handed: Handed, isSlow: boolean) {
    this.handed = handed;
    this.isSlow = isSlow;
  }

  get unstarted(): readonly PlannedLane[] {
    return this.handed.plan.lanes.filter(({ lane }) => !this.started.has(lane));
  }

  /** Whether a machine may still begin the effect, by a clock that is behind. */
  mayBegin(key: string, now: string): boolean {
    const { plan } = this.handed;
    const mayBegin = (one: PlannedUnit): boolean =>
      !this.noted.has(one.unit) && !isTooLate(plan, one, now);
    return plan.units.some((one) => one.start.effect?.key === key && mayBegin(one));
  }
}
