/** A machine that executes a lane: it knows a folder, and no state. */
import type { StepStart } from "#runner/core/action.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { PlannedLane, PlannedUnit } from "#runner/core/lane/lane-plan.ts";
import { withOwnGrant } from "#runner/core/money/own-grant.ts";
import { needsPermit } from "#runner/loop/permit.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import type { Work } from "./clone.ts";
import { PurseBook } from "./purse-book.ts";
import { type Kept, Saver } from "./saving.ts";
import type { Results, Told, Wave } from "./wave.ts";
import type { World } from "./world.ts";

/** Machines without the secret that mails are sent with. */
const BARE = 0.15;

interface Order {
  readonly lane: PlannedLane;
  readonly out: Results;
}

export class Machine {
  readonly #world: World;
  readonly #name: string;
  readonly #wave: Wave;
  readonly #out: Results;
  readonly #skewMs: number;
  readonly #isBare: boolean;
  #places: readonly Work[];
  readonly #purses: PurseBook[] = [];
  /** Effects that it is about to carry out. */
  readonly #acting = new Set<string>();
  #clock = 0;

  constructor(world: World, wave: Wave, { lane: { lane, places }, out }: Order) {
    const { random, faults } = world;
    this.#world = world;
    wave.machines += 1;
    this.#name = `${wave.handed.plan.runner}.${wave.machines}`;
    this.#wave = wave;
    this.#out = out;
    this.#skewMs = Math.round((random.next() - 0.5) * faults.skewMs);
    this.#isBare = faults.crash > 0 && random.chance(BARE);
    wave.started.add(lane);
    if (this.#isBare) wave.lacking.add(lane);
    this.#places = places.map((place) => this.#inOrder(place));
  }

  get isOver(): boolean {
    return this.#places.length === 0;
  }

  /** Whether it works from this folder. */
  isOf(wave: Wave): boolean {
    return this.#wave === wave;
  }

  step(): void {
    const place = this.#world.random.pick(this.#places);
    if (place?.next().done === true) this.#places = this.#places.filter((one) => one !== place);
  }

  crash(): void {
    this.#places = [];
    this.#acting.clear();
    for (const purse of this.#purses) purse.die();
  }

  /** `now`: by a clock that is behind. */
  isAbout(key: string, now: string): boolean {
    return this.#acting.has(key) || this.#wave.mayBegin(key, now);
  }

  *#inOrder(place: readonly string[]): Work {
    for (const unit of place) {
      const planned = this.#wave.handed.plan.units.find((one) => one.unit === unit);
      if (planned !== undefined) yield* this.#execute(planned);
    }
  }

  *#execute(planned: PlannedUnit): Work {
    const { rules } = this.#world;
    const { noted } = this.#wave;
    const { unit, start } = planned;
    const known = { isTold: this.#out.has(unit), isBegun: noted.has(unit) };
    yield;
    if (rules.unitMove(needsPermit(start), known) !== "do") return;
    const startedAt = this.#at();
    const refusal = this.#refusalOf(planned, startedAt);
    // However long it sleeps from here on, it does not look at its clock again.
    if (refusal === null && start.effect !== null) this.#acting.add(start.effect.key);
    yield;
    if (rules.mustNote(start, refusal !== null)) {
      if (noted.has(unit)) return this.#letBe(start);
      noted.add(unit);
    }
    const result = refusal ?? (yield* this.#perform(start));
    this.#out.set(unit, { ...result, startedAt, finishedAt: this.#at() });
  }

  #letBe({ effect }: StepStart): void {
    if (effect !== null) this.#acting.delete(effect.key);
  }

  #refusalOf(planned: PlannedUnit, now: string): Result | null {
    const { plan } = this.#wave.handed;
    if (this.#world.rules.isTooLate(plan, planned, now)) return { ...NOTHING, outcome: "crashed" };
    this.#expectInTime(planned);
    return this.#isBare && planned.start.effect !== null ? { ...NOTHING, outcome: "auth" } : null;
  }

  /** Whatever its clock says: others may have taken it over since. */
  #expectInTime({ unit, start }: PlannedUnit): void {
    const { now, faults, checker } = this.#world;
    const { runner, expires } = this.#wave.handed.plan;
    if (start.effect === null || now <= addMs(expires, faults.skewMs)) return;
    checker.report(`${runner} begins ${unit}, and others may have taken it over`);
  }

  *#perform(start: StepStart): Work<Result> {
    const { random, faults } = this.#world;
    const { effect } = start;
    this.#world.begin(start);
    const purse = new PurseBook(this.#world);
    this.#purses.push(purse);
    const { past, base } = this.#wave.handed;
    const saver = new Saver(this.#name, this.#world, { hasSeen: (count) => base >= count });
    saver.begin(past, start);
    const taken = yield* purse.ask(withOwnGrant(past.observed, start));
    const kept = yield* this.#last(start, saver);
    const done = yield* this.#act(start);
    const isFailing = effect === null && random.chance(faults.failure);
    const outcome = isFailing ? "crashed" : done;
    return { outcome, started: true, mark: random.below(1e9), taken, kept };
  }

  /** What it has saved last. */
  *#last({ timeoutMs }: StepStart, saver: Saver): Work<Kept | null> {
    const { random, faults } = this.#world;
    let kept: Kept | null = null;
    if (!random.chance(faults.lasting)) return kept;
    const until = addMs(this.#world.now, random.below(timeoutMs));
    while (this.#world.now < until) {
      yield;
      kept = saver.save() ?? kept;
    }
    return kept;
  }

  *#act(start: StepStart): Work<Outcome> {
    const { effect, resume, askOnly, run, inputs } = start;
    yield;
    if (effect === null) return "succeeded";
    const how = { isAgain: resume, askOnly: this.#world.rules.asksOnly && askOnly === true };
    if (!how.askOnly) this.#world.expectApproved(run, inputs["text"]);
    const outcome = this.#world.act(effect.key, how) ? "succeeded" : "uncertain";
    this.#letBe(start);
    yield;
    return outcome;
  }

  /** Its idea of the time, later at every call. */
  #at(): string {
    this.#clock += 1;
    return addMs(this.#world.now, this.#skewMs + (this.#clock % 1000));
  }
}

type Result = Pick<Told, "outcome" | "started" | "mark" | "taken" | "kept">;

const NOTHING = { started: false, mark: 0, taken: 0, kept: null };
