/** A plan that is handed to lanes. */
import type { StepStart } from "#runner/core/action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";

/** Everything that settling depends on; its digest stands in the claim of the lanes on the state branch. */
export interface LanePlan {
  readonly format: 1;
  /** Under which the work is claimed. */
  readonly runner: string;
  /** Main's commit that it was planned on. */
  readonly commit: string;
  readonly at: string;
  /** From when others may take the work over. */
  readonly expires: string;
  readonly units: readonly PlannedUnit[];
  readonly lanes: readonly PlannedLane[];
}

export interface PlannedUnit {
  /** `u1`, `u2`: its files are named so. */
  readonly unit: string;
  readonly start: StepStart;
  /** Digest of the packed invocation. */
  readonly invocation: string;
}

export interface PlannedLane {
  /** From 1, as text: it goes into names of files and artifacts. */
  readonly lane: string;
  /** Names of secrets, sorted. */
  readonly secrets: readonly string[];
  /** Units; places are worked on beside each other, each in order. */
  readonly places: readonly (readonly string[])[];
  /** Forecast, as it is billed. */
  readonly minutes: number;
  /** After which it may be ended. */
  readonly mostMinutes: number;
}

/** `plan.json`. */
export interface LanePlanFile {
  /** Digest of `plan`. */
  readonly id: string;
  /** The commit of the state on which its permissions stand. */
  readonly tip: string;
  readonly plan: LanePlan;
}

export function planId(plan: LanePlan): string {
  return digestOf(plan);
}

/** What the jobs of a matrix are given. */
export function matrixOf({ id, plan }: Pick<LanePlanFile, "id" | "plan">): {
  readonly include: readonly Readonly<Record<string, unknown>>[];
} {
  return {
    include: plan.lanes.map(({ lane, secrets, minutes, mostMinutes }) => {
      return { lane, secrets, plan: id, minutes, mostMinutes };
    }),
  };
}
