/** A runner that hands steps out: machines that plan, machines that execute, machines that settle. */
import { addMs } from "#runner/core/time/instant.ts";
import type { PlannedLane } from "#runner/core/lane/lane-plan.ts";
import { LaneVerb } from "./lane-verb.ts";
import { Machine } from "./machine.ts";
import type { Answer } from "./settling.ts";
import { type Handed, Wave } from "./wave.ts";
import type { World } from "./world.ts";

const MOST_WAVES = 3;
/** Pieces of work that its machines do while a runner does one. */
const BESIDE = 5;
const AROUND_MS = 200_000;

export class Actions {
  readonly #world: World;
  /** Oldest first. */
  #waves: readonly Wave[] = [];
  #verbs: readonly LaneVerb[] = [];
  #machines: readonly Machine[] = [];
  #plans = 0;
  /** There may be more to hand out. */
  #mayPlan = true;

  constructor(world: World) {
    this.#world = world;
  }

  step(): void {
    this.#mayPlan ||= !this.isBusy;
    const turns = this.#isOrderly ? 1 : BESIDE;
    for (let turn = 0; turn < turns; turn += 1) {
      if (this.#isOrderly) this.#goOn();
      else if (this.#settleDue()) continue;
      else if (this.#isIdle || this.#world.random.chance(0.1)) this.#begin();
      this.#world.random.pick([...this.#verbs, ...this.#machines])?.step();
      this.#verbs = this.#verbs.filter(({ isOver }) => !isOver);
      this.#machines = this.#machines.filter(({ isOver }) => !isOver);
    }
  }

  /** One of its machines is gone. */
  crash(): void {
    this.#world.interruptions += 1;
    this.#world.random.pick([...this.#verbs, ...this.#machines])?.crash();
  }

  get isBusy(): boolean {
    return !this.#isIdle || this.#waves.length > 0 || this.#mayPlan;
  }

  isAbout(key: string): boolean {
    const { faults, now } = this.#world;
    const earliest = addMs(now, -faults.skewMs);
    return (
      this.#machines.some((machine) => machine.isAbout(key, earliest)) ||
      this.#waves.some((wave) => wave.mayBegin(key, earliest))
    );
  }

  hasSeen(count: number): boolean {
    return this.#verbs.every((verb) => verb.hasSeen(count));
  }

  /** Time goes on until others may take over what was handed out, or nearly; only now is there a machine for what has none. */
  waitForExpiry(): void {
    const { random, remote, now } = this.#world;
    const claims = remote.observed.runners.filter(({ plan }) => plan !== undefined);
    const slow = claims.filter(({ plan }) =>
      this.#waves.some((one) => one.handed.id === plan && one.isSlow),
    );
    const claim = random.pick(slow.length > 0 ? slow : claims);
    if (claim === undefined) return;
    const then = addMs(claim.expires, random.below(AROUND_MS) - AROUND_MS / 2);
    if (then > now) this.#world.now = then;
    const wave = this.#waves.find(({ handed }) => handed.id === claim.plan);
    if (wave === undefined) return;
    wave.isDue = true;
    for (const lane of wave.unstarted) if (random.chance(0.7)) this.#execute(wave, lane);
  }

  get #isIdle(): boolean {
    return this.#verbs.length + this.#machines.length === 0;
  }

  get #isOrderly(): boolean {
    return this.#world.faults.crash === 0;
  }

  /** Wave after wave, each lane once, settled when all have ended and sometimes before. */
  #goOn(): void {
    if (this.#verbs.length > 0) return;
    const [wave] = this.#waves;
    if (wave === undefined) {
      if (this.#mayPlan) this.#plan();
      this.#mayPlan = false;
      return;
    }
    for (const lane of wave.unstarted) this.#execute(wave, lane);
    if (!this.#isAtWorkOn(wave)) this.#settle(wave, false);
    else if (this.#world.random.chance(0.2)) this.#settle(wave, true);
  }

  /** Whatever comes to its mind; what is not over is settled as a whole now and then. */
  #begin(): void {
    const { random } = this.#world;
    const wave = random.pick(this.#waves);
    const how = random.below(6);
    if (how === 0 || wave === undefined) this.#plan();
    else if (how === 1) this.#settle(wave, !random.chance(this.#isAtWorkOn(wave) ? 0.1 : 0.7));
    else if (!wave.isSlow || wave.isDue) this.#executeAny(wave);
  }

  /** Seldom one that was executed before. */
  #executeAny(wave: Wave): void {
    const { random } = this.#world;
    const lane = random.pick(wave.handed.plan.lanes);
    if (lane === undefined) return;
    const isTaken = !wave.started.has(lane.lane) || wave.lacking.has(lane.lane);
    if (isTaken || random.chance(0.3)) this.#execute(wave, lane);
  }

  #settleDue(): boolean {
    const due = this.#waves.find((wave) => wave.isDue && !this.#isAtWorkOn(wave));
    if (due === undefined) return false;
    due.isDue = false;
    this.#settle(due, false);
    return true;
  }

  #isAtWorkOn(wave: Wave): boolean {
    return wave.unstarted.length > 0 || this.#machines.some((machine) => machine.isOf(wave));
  }

  /** Who executes it again may name another folder for the results. */
  #execute(wave: Wave, lane: PlannedLane): void {
    const { random } = this.#world;
    if (wave.started.has(lane.lane) && random.chance(0.5)) wave.outs.push(new Map());
    const out = random.pick(wave.outs) ?? new Map();
    this.#machines = [...this.#machines, new Machine(this.#world, wave, { lane, out })];
  }

  /** A new clone cannot see that the state was set back. */
  #plan(): void {
    if (this.#world.remote.isSetBack || this.#verbs.length > 1) return;
    this.#plans += 1;
    const hand = (handed: Handed): void => {
      const { random } = this.#world;
      const isSlow = !this.#isOrderly && random.chance(hasEffects(handed) ? 0.4 : 0.05);
      this.#mayPlan = true;
      this.#waves = [...this.#waves, new Wave(handed, isSlow)].slice(-MOST_WAVES);
    };
    const verb = new LaneVerb(this.#world, `lanes-${this.#plans}`, { kind: "plan", hand });
    this.#verbs = [...this.#verbs, verb];
  }

  #settle(wave: Wave, isPartial: boolean): void {
    if (this.#world.remote.isSetBack) return;
    const answers = this.#answersOf(wave);
    const results = this.#world.random.pick(wave.outs) ?? new Map();
    const errand = { kind: "settle", wave, results, isPartial, answers } as const;
    this.#verbs = [...this.#verbs, new LaneVerb(this.#world, wave.handed.plan.runner, errand)];
    const isForgotten = this.#isOrderly ? !isPartial : this.#world.random.chance(0.3);
    if (isForgotten) this.#waves = this.#waves.filter((one) => one !== wave);
  }

  /** What of each lane, and of each of its steps, is lost on the way. */
  #answersOf({ handed }: Wave): ReadonlyMap<string, Answer> {
    const { random } = this.#world;
    if (this.#isOrderly) return new Map();
    return new Map(
      handed.plan.lanes.flatMap(({ places }) => {
        const isLost = random.chance(0.1);
        return places.flat().map((unit): readonly [string, Answer] => {
          if (isLost) return [unit, "gone"];
          return [unit, random.chance(0.03) ? "torn" : "whole"];
        });
      }),
    );
  }
}

function hasEffects({ plan }: Handed): boolean {
  return plan.units.some(({ start }) => start.effect !== null);
}
