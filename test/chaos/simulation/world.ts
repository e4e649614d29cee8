/** What lies outside of every runner: time, chance, main, the origin, the receiving side of the mails. */
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { StepStart } from "#runner/core/action.ts";
import { addMs } from "#runner/core/instant.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import { lostSpend } from "#runner/core/lost-spend.ts";
import { plan } from "#runner/core/plan.ts";
import { nextPublish } from "#runner/protocol/publish.ts";
import { partedRuns } from "#runner/protocol/parted.ts";
import { rebase } from "#runner/protocol/rebase.ts";
import { claim, mustClaim } from "#runner/protocol/lease.ts";
import { bookableIn } from "#runner/carry-out.ts";
import { Checker } from "./check.ts";
import type { Network, PushFate } from "./clone.ts";
import { BEGINNING, SLOW, type Idempotency } from "./company.ts";
import { Main, type Commit } from "./main.ts";
import { Silence } from "./silence.ts";
import { Random } from "./random.ts";
import { Till } from "./till.ts";
import { Remote, type Group } from "./remote.ts";

/** The rules that runners go by; a mutant replaces one of them. */
export interface Rules {
  readonly plan: typeof plan;
  /** What of a plan may be booked at once. */
  readonly bookable: typeof bookableIn;
  readonly nextPublish: typeof nextPublish;
  readonly rebase: typeof rebase;
  readonly claim: typeof claim;
  readonly mustClaim: typeof mustClaim;
  readonly partedRuns: typeof partedRuns;
  readonly lostSpend: typeof lostSpend;
  /** What requests under way held when their runner died counts as taken. */
  readonly countsHeld: boolean;
  /** Intents are published before what they permit. */
  readonly publishesIntents: boolean;
  /** An agent that can tell is only asked while another runner may be about to act. */
  readonly asksOnly: boolean;
  /** Permissions that a crash has cut off from their publication are asked for anew. */
  readonly dropsUnseen: boolean;
  /** Nothing is built on a state that lacks what was seen before. */
  readonly stopsWhenSetBack: boolean;
  /** What the origin may know already becomes one commit with what came after it. */
  readonly joinsOffered: boolean;
}

export const RULES: Rules = {
  plan,
  bookable: bookableIn,
  nextPublish,
  rebase,
  claim,
  mustClaim,
  partedRuns,
  lostSpend,
  countsHeld: true,
  publishesIntents: true,
  asksOnly: true,
  dropsUnseen: true,
  stopsWhenSetBack: true,
  joinsOffered: false,
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
  /** Pushes that find another git at the same ref, or an origin that takes nothing; both for a while. */
  readonly locked: number;
  readonly refused: number;
  /** Attempts of agents that fail. */
  readonly failure: number;
  /** Largest difference of the clocks of two runners. */
  readonly skewMs: number;
  /** Attempts that last longer than a claim. */
  readonly lasting: number;
  /** Runs that somebody asks for. */
  readonly asking: number;
  /** An operator is at work, too. */
  readonly operator: boolean;
  /** Gates go on by themselves where the operator says nothing in time. */
  readonly silent: boolean;
  /** Models are asked, and there is little money. */
  readonly paid: boolean;
  /** The operator has little time: gates queue for briefings, and there are questions to answer; what is asked for is pushed like anything else. */
  readonly busy: boolean;
}

export const UNKIND: Faults = {
  crash: 0.01,
  pause: 0.01,
  longPause: 0.1,
  lostAnswer: 0.15,
  outage: 0.3,
  unreachable: 0.03,
  locked: 0,
  refused: 0,
  failure: 0.03,
  skewMs: 40_000,
  lasting: 0.01,
  asking: 0.012,
  operator: true,
  silent: false,
  paid: false,
  busy: false,
};
export const KIND: Faults = {
  crash: 0,
  pause: 0,
  longPause: 0,
  lostAnswer: 0,
  outage: 0,
  unreachable: 0,
  locked: 0,
  refused: 0,
  failure: 0,
  skewMs: 0,
  lasting: 0,
  asking: 0.012,
  operator: false,
  silent: false,
  paid: false,
  busy: false,
};

/** Nobody dies and nothing is lost; clocks are as far apart as they may be, and agents outlast claims. */
export const LASTING: Faults = { ...KIND, skewMs: 30_000, lasting: 0.5, asking: 0.005 };

/** Little money, and much that goes wrong with it. */
export const POOR: Faults = { ...UNKIND, paid: true, asking: 0.03, crash: 0.02 };

/** Gates that go on by themselves, and an operator who objects, or not. */
export const SILENT: Faults = { ...UNKIND, silent: true, asking: 0.01, skewMs: 20_000 };

/** Few looks of the operator for many gates, and an origin that others use, too. */
export const BUSY: Faults = { ...UNKIND, busy: true, asking: 0.03, locked: 0.02, refused: 0.01 };

/** What lies between one runner and the origin: a lost answer may be the beginning of a longer silence. */
export class Line implements Network {
  readonly #world: World;
  #silentUntil = "";
  #barredUntil = "";
  #bar: "locked" | "refused" = "locked";

  constructor(world: World) {
    this.#world = world;
  }

  get remote(): Remote {
    return this.#world.remote;
  }

  get rules(): Rules {
    return this.#world.rules;
  }

  onOrphan(): void {
    this.#world.checker.report("a permission was published that nobody had asked for any more");
  }

  onJoined(spared: number): void {
    this.#world.joined += spared;
  }

  onResaid(again: number): void {
    this.#world.resaid += again;
  }

  /** Half of the answers that are lost are of pushes that were lost before. */
  fateOfPush(): PushFate {
    const { random, faults, now } = this.#world;
    this.#world.pushes += 1;
    if (now < this.#silentUntil) return "request-lost";
    if (now < this.#barredUntil || this.#isBarredNow()) return this.#bar;
    if (!random.chance(faults.lostAnswer)) return "answered";
    if (random.chance(faults.outage))
      this.#silentUntil = addMs(now, random.below(LONGEST_SILENCE_MS));
    return random.chance(0.5) ? "request-lost" : "answer-lost";
  }

  /** A lock that somebody has left behind, or a rule of the origin that is mended after a while. */
  #isBarredNow(): boolean {
    const { random, faults, now } = this.#world;
    for (const bar of ["locked", "refused"] as const) {
      if (faults[bar] === 0 || !random.chance(faults[bar])) continue;
      this.#bar = bar;
      this.#barredUntil = addMs(now, random.below(LONGEST_BAR_MS));
      return true;
    }
    return false;
  }

  onInsisted(pushes: number): void {
    this.#world.checker.report(`${pushes} pushes were made for one publication`);
  }

  isReachable(): boolean {
    const { random, faults, now } = this.#world;
    return now >= this.#silentUntil && !random.chance(faults.unreachable);
  }
}

const LONGEST_SILENCE_MS = 90_000;
const LONGEST_BAR_MS = 30_000;

interface Circumstances {
  readonly rules: Rules;
  readonly faults: Faults;
  readonly idempotency: Idempotency;
}

export class World {
  readonly random: Random;
  readonly remote: Remote;
  readonly rules: Rules;
  readonly idempotency: Idempotency;
  readonly main: Main;
  readonly checker: Checker;
  readonly till = new Till();
  readonly silence: Silence;
  /** A tick plans for the instant in which it began, as the program does; else for a later one, which is harder on it. */
  readonly isPunctual: boolean;
  /** Commits by which the operator has taken a project off main, or said that it is gone. */
  readonly removals: Commit[] = [];
  /** Gates that were ever open, and those whose branch somebody has deleted. */
  readonly gates = new Map<string, GateRecord>();
  readonly deleted = new Set<string>();
  /** Texts that the operator has approved. */
  readonly approved = new Set<unknown>();
  faults: Faults;
  now = "2026-11-22T10:00:00.000Z";
  executed = 0;
  /** Attempts that were executed before, by whomsoever. */
  repeated = 0;
  readonly #begun = new Set<string>();
  /** How often an agent was told to act. */
  told = 0;
  /** Crashes and pauses. */
  interruptions = 0;
  pushes = 0;
  /** Commits that were spared, and transactions that the origin had and that were taken for unknown there. */
  joined = 0;
  resaid = 0;

  constructor(seed: number, { rules, faults, idempotency }: Circumstances) {
    this.random = new Random(seed);
    this.rules = rules;
    this.faults = faults;
    this.idempotency = idempotency;
    const { operator, silent, paid, busy } = faults;
    this.isPunctual = silent;
    const kinds = { isAsking: operator, isSilent: silent, isPaid: paid, isBusy: busy };
    const says = { ...BEGINNING, ...kinds };
    this.main = new Main(idempotency, says);
    this.checker = new Checker({
      says: (commit) => this.main.at(commit)?.says ?? BEGINNING,
      mayRemove: (commit) => this.removals.some((removal) => this.main.knows(removal, commit)),
      skewMs: 2 * faults.skewMs,
    });
    // A clock goes on by up to a second at each look.
    const report = (violation: string): void => this.checker.report(violation);
    this.silence = new Silence(report, faults.skewMs / 2 + 1_000);
    this.remote = new Remote((group) => this.#accepted(group));
  }

  wait(ms: number): void {
    this.now = addMs(this.now, ms);
  }

  begin({ run, step, item, attempt, iteration }: StepStart): void {
    const name = JSON.stringify([run, step, item, attempt, iteration]);
    this.executed += 1;
    if (this.#begun.has(name)) this.repeated += 1;
    this.#begun.add(name);
  }

  /** Whether the effect has happened when the agent is done. */
  act(key: string, { isAgain, askOnly }: { isAgain: boolean; askOnly: boolean }): boolean {
    if (askOnly) return this.checker.effects.includes(key);
    this.told += 1;
    const isSpared = this.idempotency === "native" || (this.idempotency === "probe" && isAgain);
    this.checker.act(key, isSpared);
    return true;
  }

  /** A mail of a run that asks is one that the operator has approved. */
  expectApproved(run: string, text: unknown): void {
    const isAsking = this.main.head.says.isAsking && run.startsWith(`${SLOW}.`);
    if (isAsking && !this.approved.has(text)) {
      this.checker.report(`${run} has sent what nobody approved`);
    }
  }

  /** The operator knew of both. */
  #acceptMain({ from, to }: EventOf<"rewrite-accepted">): void {
    const head = this.main.at(to);
    if (head === undefined) return;
    this.main.accept(from, head);
    if (!head.says.hasSide) this.removals.push(head);
  }

  #accepted(group: Group): void {
    if (this.remote.isSetBack)
      this.checker.report("something was written to a state that was set back");
    this.checker.seeAll(group);
    for (const done of group) {
      this.silence.see(done, this);
      if (done.event.kind === "spend-granted") this.till.accept(done.event);
      if (done.event.kind === "rewrite-accepted") this.#acceptMain(done.event);
      if (done.change.kind === "gate-opened") {
        this.gates.set(done.change.gate.record.id, done.change.gate.record);
      }
    }
  }
}
