/** What lies outside of every runner: time, chance, the origin, the receiving side of the mails. */
import { addMs } from "#runner/core/instant.ts";
import type { Workspace } from "#runner/core/model.ts";
import { nextPublish } from "#runner/protocol/publish.ts";
import { rebase } from "#runner/protocol/rebase.ts";
import { claim, mustClaim } from "#runner/protocol/lease.ts";
import type { Network, PushFate } from "./clone.ts";
import { company, type Idempotency } from "./company.ts";
import { Random } from "./random.ts";
import { Remote } from "./remote.ts";

/** The rules that runners go by; a mutant replaces one of them. */
export interface Rules {
  readonly nextPublish: typeof nextPublish;
  readonly rebase: typeof rebase;
  readonly claim: typeof claim;
  readonly mustClaim: typeof mustClaim;
  /** Intents are published before what they permit. */
  readonly publishesIntents: boolean;
  /** An agent that can tell is only asked while another runner may be about to act. */
  readonly asksOnly: boolean;
}

export const RULES: Rules = {
  nextPublish,
  rebase,
  claim,
  mustClaim,
  publishesIntents: true,
  asksOnly: true,
};

/** How unkind the world is; each a probability at every opportunity. */
export interface Faults {
  readonly crash: number;
  readonly pause: number;
  /** Pauses that last longer than an effect must wait for the next time of its key. */
  readonly longPause: number;
  readonly lostAnswer: number;
  /** Lost answers after which nothing is heard for a while. */
  readonly outage: number;
  readonly unreachable: number;
  /** Largest difference of a runner's clock from the true time. */
  readonly skewMs: number;
}

export const UNKIND: Faults = {
  crash: 0.01,
  pause: 0.01,
  longPause: 0.1,
  lostAnswer: 0.15,
  outage: 0.3,
  unreachable: 0.03,
  skewMs: 40_000,
};
export const KIND: Faults = {
  crash: 0,
  pause: 0,
  longPause: 0,
  lostAnswer: 0,
  outage: 0,
  unreachable: 0,
  skewMs: 0,
};

/** What lies between one runner and the origin: a lost answer may be the beginning of a longer silence. */
export class Line implements Network {
  readonly #world: World;
  #silentUntil = "";

  constructor(world: World) {
    this.#world = world;
  }

  get remote(): Remote {
    return this.#world.remote;
  }

  get rules(): Rules {
    return this.#world.rules;
  }

  /** Half of the answers that are lost are of pushes that were lost before. */
  fateOfPush(): PushFate {
    const { random, faults, now } = this.#world;
    this.#world.pushes += 1;
    if (now < this.#silentUntil) return "request-lost";
    if (!random.chance(faults.lostAnswer)) return "answered";
    if (random.chance(faults.outage))
      this.#silentUntil = addMs(now, random.below(LONGEST_SILENCE_MS));
    return random.chance(0.5) ? "request-lost" : "answer-lost";
  }

  isReachable(): boolean {
    const { random, faults, now } = this.#world;
    return now >= this.#silentUntil && !random.chance(faults.unreachable);
  }
}

const LONGEST_SILENCE_MS = 90_000;

export class World {
  readonly random: Random;
  readonly remote = new Remote();
  readonly rules: Rules;
  readonly idempotency: Idempotency;
  readonly workspace: Workspace;
  faults: Faults;
  now = "2026-11-22T10:00:00.000Z";
  /** Keys of effects, each time that one was carried out. */
  readonly effects: string[] = [];
  executed = 0;
  crashes = 0;
  pushes = 0;

  constructor(
    seed: number,
    { rules, faults, idempotency }: { rules: Rules; faults: Faults; idempotency: Idempotency },
  ) {
    this.random = new Random(seed);
    this.rules = rules;
    this.faults = faults;
    this.idempotency = idempotency;
    this.workspace = company(idempotency);
  }

  wait(ms: number): void {
    this.now = addMs(this.now, ms);
  }

  /** Whether the effect has happened when the agent is done: under a key that is honoured a second time changes nothing. */
  act(key: string, { isAgain, askOnly }: { isAgain: boolean; askOnly: boolean }): boolean {
    const isKnown = this.effects.includes(key);
    if (askOnly) return isKnown;
    const isSpared = this.idempotency === "native" || (this.idempotency === "probe" && isAgain);
    if (!isKnown || !isSpared) this.effects.push(key);
    return true;
  }
}
