/** A plan that is handed to lanes. */
import type { StepStart } from "#runner/core/action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { MINUTE_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { billedMinutes, LONGEST_LANE_MS, type Lane, type Parcel } from "./lane-pack.ts";
import type { Observed } from "#runner/core/model.ts";
import { mostBeside } from "#runner/core/parallel.ts";

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

/** Until a machine begins with a lane, and from its end until it is settled. */
const WAIT_MS = 45 * MINUTE_MS;

/** A step that is ready, and the digest of what its lane is given. */
export interface LaneItem extends Parcel {
  readonly start: StepStart;
  readonly invocation: string;
}

/** What decides into which lane a step comes. */
export function parcelOf(
  start: StepStart,
  secrets: readonly string[],
  observed: Pick<Observed, "runs">,
): Parcel {
  const { ofRun, ofStep } = mostBeside(start, observed);
  return {
    secrets,
    ms: start.forecast.ms,
    mostMs: start.timeoutMs,
    limits: [
      { of: start.run, most: ofRun },
      { of: `${start.run}/${start.step}`, most: ofStep },
    ],
  };
}

/** The plan as it goes into the folder, and its items by the names of their units. */
export function lanePlanOf<Item extends LaneItem>(
  lanes: readonly Lane<Item>[],
  { runner, commit, at }: Pick<LanePlan, "runner" | "commit" | "at">,
): { readonly plan: LanePlan; readonly items: ReadonlyMap<string, Item> } {
  const items = lanes.flatMap(({ places }) => places.flat());
  const named = new Map(items.map((item, index) => [item, `u${index + 1}`]));
  const nameOf = (item: Item): string => named.get(item) ?? "";
  const longest = Math.max(0, ...lanes.map(({ mostMs }) => mostMs));
  const plan: LanePlan = {
    format: 1,
    runner,
    commit,
    at,
    expires: addMs(at, longest + WAIT_MS),
    units: items.map((item) => {
      const { start, invocation } = item;
      return { unit: nameOf(item), start, invocation };
    }),
    lanes: lanes.map(({ secrets, places, ms, mostMs }, index) => ({
      lane: String(index + 1),
      secrets,
      places: places.map((place) => place.map(nameOf)),
      minutes: billedMinutes(ms),
      mostMinutes: billedMinutes(Math.min(mostMs, LONGEST_LANE_MS)),
    })),
  };
  return { plan, items: new Map(items.map((item) => [nameOf(item), item])) };
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
