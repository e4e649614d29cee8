/** Puts the steps of a plan into lanes: machines beside each other, each paid for by the minute begun. */
import { HOUR_MS, MINUTE_MS } from "#runner/core/time/duration.ts";

/** A step that is ready, as far as it matters where it is executed. */
export interface Parcel {
  /** Names of the secrets that it is given, sorted. */
  readonly secrets: readonly string[];
  /** As in the middle of what is known. */
  readonly ms: number;
  /** At its limit. */
  readonly mostMs: number;
  /** Units of a step, and of a run, that may be at work beside each other. */
  readonly limits: readonly Limit[];
}

export interface Limit {
  /** Whose: the same for all that share it. */
  readonly of: string;
  readonly most: number;
}

export interface Lane<Item extends Parcel> {
  readonly secrets: readonly string[];
  /** Worked on beside each other, each from its first to its last. */
  readonly places: readonly (readonly Item[])[];
  readonly ms: number;
  readonly mostMs: number;
}

export interface Packing<Item extends Parcel> {
  readonly lanes: readonly Lane<Item>[];
  /** For the next wave. */
  readonly overflow: readonly Item[];
}

/** How many steps a machine works on at a time. */
const PLACES = 4;
/** Until its first step begins: a machine starts, the program and the plan are fetched. */
export const START_MS = 30_000;
/** A lane that takes longer gets no further steps while another one can be opened. */
const TARGET_MS = 15 * MINUTE_MS;
/** GitHub ends a job after six hours. */
export const LONGEST_LANE_MS = 5.5 * HOUR_MS;

/** What a machine is paid for. */
export function billedMinutes(ms: number): number {
  return Math.ceil(ms / MINUTE_MS);
}

/** Long ones first; a lane holds only steps with the same secrets. */
export function packLanes<Item extends Parcel>(
  items: readonly Item[],
  mostLanes: number,
): Packing<Item> {
  const lanes: Draft<Item>[] = [];
  const overflow: Item[] = [];
  const used = new Places();
  for (const item of items.toSorted((a, b) => b.ms - a.ms)) {
    const seat = seatFor(item, { lanes, used, mostLanes });
    if (seat === null) overflow.push(item);
    else {
      if (seat.lane === lanes.length) lanes.push(new Draft(item.secrets));
      lanes[seat.lane]?.add(seat.place, item);
      used.take(item, seat);
    }
  }
  return { lanes: lanes.map((lane) => lane.done()), overflow };
}

interface Seat {
  readonly lane: number;
  readonly place: number;
}

interface Offered extends Seat {
  /** The lane's length with the item. */
  readonly ms: number;
  readonly addedMinutes: number;
}

interface Hall<Item extends Parcel> {
  readonly lanes: readonly Draft<Item>[];
  readonly used: Places;
  readonly mostLanes: number;
}

/** Where it costs least among the lanes that stay short; else a lane of its own; else where it is done first. */
function seatFor<Item extends Parcel>(item: Item, hall: Hall<Item>): Seat | null {
  const { lanes, used, mostLanes } = hall;
  const offers = lanes.flatMap((lane, index) => lane.offersFor(item, index));
  const free = offers.filter((seat) => used.allows(item, seat));
  const own = { lane: lanes.length, place: 0 };
  const isNewFree = lanes.length < mostLanes && used.allows(item, own);
  const [cheapest] = free
    .filter(({ ms }) => ms <= TARGET_MS)
    .toSorted((a, b) => a.addedMinutes - b.addedMinutes || a.ms - b.ms);
  if (cheapest !== undefined) return cheapest;
  if (isNewFree) return own;
  return free.toSorted((a, b) => a.ms - b.ms)[0] ?? null;
}

/** Which places the units of a step or a run have: not more than may be at work beside each other. */
class Places {
  readonly #of = new Map<string, Set<string>>();

  allows({ limits }: Parcel, seat: Seat): boolean {
    return limits.every(({ of, most }) => {
      const taken = this.#of.get(of);
      return taken === undefined || taken.size < most || taken.has(nameOf(seat));
    });
  }

  take({ limits }: Parcel, seat: Seat): void {
    for (const { of } of limits) {
      this.#of.set(of, (this.#of.get(of) ?? new Set()).add(nameOf(seat)));
    }
  }
}

function nameOf({ lane, place }: Seat): string {
  return `${lane}/${place}`;
}

class Draft<Item extends Parcel> {
  readonly #secrets: readonly string[];
  readonly #places: Item[][] = [];

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  offersFor(item: Item, lane: number): readonly Offered[] {
    if (item.secrets.join() !== this.#secrets.join()) return [];
    const before = billedMinutes(this.#length("ms"));
    const places = Math.min(this.#places.length + 1, PLACES);
    return Array.from({ length: places }, (_, place) => place)
      .filter((place) => this.#sum(place, "mostMs") + item.mostMs <= LONGEST_LANE_MS)
      .map((place) => {
        const ms = Math.max(this.#length("ms"), START_MS + this.#sum(place, "ms") + item.ms);
        return { lane, place, ms, addedMinutes: billedMinutes(ms) - before };
      });
  }

  add(place: number, item: Item): void {
    const there = this.#places[place];
    if (there === undefined) this.#places.push([item]);
    else there.push(item);
  }

  done(): Lane<Item> {
    const [ms, mostMs] = [this.#length("ms"), this.#length("mostMs")];
    return { secrets: this.#secrets, places: this.#places, ms, mostMs };
  }

  #length(of: "ms" | "mostMs"): number {
    return START_MS + Math.max(0, ...this.#places.map((_, place) => this.#sum(place, of)));
  }

  #sum(place: number, of: "ms" | "mostMs"): number {
    return (this.#places[place] ?? []).reduce((sum, item) => sum + item[of], 0);
  }
}
