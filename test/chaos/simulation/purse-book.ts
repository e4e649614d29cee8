/** What the attempts of one runner take of their grants, and its journal of that, which outlives it. */
import type { StepStart } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import type { View } from "#runner/loop/engine.ts";
import { permitsFor } from "#runner/loop/permit.ts";
import type { Company } from "./company.ts";
import type { Work } from "./clone.ts";
import type { World } from "./world.ts";

interface Account {
  readonly taken: number;
  readonly held: number;
}

interface Granting {
  readonly clock: () => string;
  /** By which caps. */
  readonly says: Company;
}

const MOST_REQUESTS = 4;

export class PurseBook {
  readonly #world: World;
  readonly #journal = new Map<string, Account>();
  /** A request that a provider has, and whose answer nobody has heard. */
  #underWay: { readonly grant: string; readonly micros: number } | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks a model some times; gives what that took. Each request reserves its worst case first. */
  *ask({ grantName, grant }: StepStart): Work<number> {
    if (grantName === undefined || grant === undefined) return 0;
    const { random, till, checker } = this.#world;
    const { micros } = grant;
    let taken = 0;
    for (let left = random.below(MOST_REQUESTS); left >= 0 && taken < micros; left -= 1) {
      const held = random.chance(0.5) ? micros - taken : random.below(micros - taken);
      this.#journal.set(grantName, { taken, held });
      this.#underWay = { grant: grantName, micros: held };
      yield;
      this.#underWay = null;
      const cost = random.chance(0.5) ? held : random.below(held + 1);
      if (!till.spend(grantName, cost)) checker.report(`${grantName} is spent, and not published`);
      taken += cost;
      this.#journal.set(grantName, { taken, held: 0 });
    }
    return taken;
  }

  /** The process is gone; the provider may finish what it has begun. */
  die(): void {
    const { random, till } = this.#world;
    if (this.#underWay !== null) {
      till.spend(this.#underWay.grant, random.chance(0.7) ? this.#underWay.micros : 0);
    }
    this.#underWay = null;
  }

  /** What these steps need before they begin; until a request is sent, nothing is taken of a grant. */
  permits(
    view: View,
    chosen: readonly StepStart[],
    { clock, says }: Granting,
  ): readonly Transaction[] {
    const permits = permitsFor({ clock }, view, chosen);
    for (const { event } of permits) {
      if (event.kind !== "spend-granted") continue;
      this.#world.till.plan(event.grant, says);
      this.#journal.set(event.grant, { taken: 0, held: 0 });
    }
    return permits;
  }

  /** What a process that is gone has left unsettled. */
  settled(observed: Observed, at: string): readonly Transaction[] {
    const { rules } = this.#world;
    const known = [...this.#journal].map(
      ([grant, { taken, held }]) =>
        [grant, { micros: taken + (rules.countsHeld ? held : 0) }] as const,
    );
    return rules.lostSpend(observed, new Map(known), at);
  }

  /** What is settled, or was never given, needs no journal. */
  tidy(observed: Observed): void {
    const open = new Set(observed.summaries.workspace.money?.grants.map(({ grant }) => grant));
    for (const grant of this.#journal.keys()) if (!open.has(grant)) this.#journal.delete(grant);
  }
}
