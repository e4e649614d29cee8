/** What models have really taken, as their providers know it: of every grant, of the dead and the paused too. */
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { Money } from "#runner/schema/types.gen.ts";
import type { Company } from "./company.ts";

type Caps = Pick<Company, "dayMicros" | "totalMicros">;

interface Purse {
  readonly day: string;
  readonly unit: string;
  /** In force for whoever was given it. */
  readonly caps: Caps;
  spent: number;
}

export class Till {
  readonly #caps = new Map<string, Caps>();
  /** In the order in which they were accepted. */
  readonly #purses = new Map<string, Purse>();

  /** By which caps a grant was planned. */
  plan(grant: string, caps: Caps): void {
    this.#caps.set(grant, caps);
  }

  accept({ grant, day, project, pipeline, agent }: EventOf<"spend-granted">): void {
    const caps = this.#caps.get(grant);
    if (caps === undefined) throw new Error(`nobody has planned the grant ${grant}`);
    this.#purses.set(grant, { day, unit: `${project}/${pipeline}/${agent}`, caps, spent: 0 });
  }

  /** A provider has been asked, whether or not anybody hears its answer. */
  spend(grant: string, micros: number): boolean {
    const purse = this.#purses.get(grant);
    if (purse !== undefined) purse.spent += micros;
    return purse !== undefined;
  }

  get spent(): number {
    return [...this.#purses.values()].reduce((sum, { spent }) => sum + spent, 0);
  }

  /** Caps that were passed by the last grant below them, once it is known what all have taken. */
  passed(): readonly string[] {
    const days = new Map<string, number>();
    let total = 0;
    return [...this.#purses].flatMap(([grant, { day, caps, spent }]) => {
      const ofDay = (days.get(day) ?? 0) + spent;
      days.set(day, ofDay);
      total += spent;
      const isPassed = ofDay > caps.dayMicros || total > caps.totalMicros;
      return isPassed ? [`${grant} brings ${day} to ${ofDay}, and all to ${total}`] : [];
    });
  }

  /** Units of which less was booked than was taken. What nobody has told of lanes is kept for them until their run ends. */
  unbooked({ totals, grants }: Money): readonly string[] {
    const units = new Map<string, number>();
    for (const { unit, spent } of this.#purses.values()) {
      units.set(unit, (units.get(unit) ?? 0) + spent);
    }
    return [...units].flatMap(([unit, spent]) => {
      const own = grants.filter((grant) => grant.unit === unit);
      const kept = own.reduce((sum, { amount }) => sum + amount.micros, 0);
      const booked = (totals[unit]?.micros ?? 0) + kept;
      return booked < spent ? [`${unit} took ${spent}, and ${booked} is booked`] : [];
    });
  }
}
