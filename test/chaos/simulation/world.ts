/** What lies outside of every runner: time, chance, main, the origin, the receiving side of the mails. */
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { StepStart } from "#runner/core/action.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import { isTooLate, unitMove } from "#runner/core/lane/lane-unit.ts";
import { lostSpend } from "#runner/core/money/lost-spend.ts";
import { plan } from "#runner/core/plan.ts";
import { claimsForPlan, endOwnLanes } from "#runner/protocol/lane-claim.ts";
import { nextPublish } from "#runner/protocol/publish.ts";
import { checkpointsFor } from "#runner/core/checkpoint.ts";
import { partedRuns } from "#runner/protocol/parted.ts";
import { rebase } from "#runner/protocol/rebase.ts";
import { claim, mustClaim } from "#runner/protocol/lease.ts";
import { lostStep } from "#runner/loop/lost-step.ts";
import { needsPermit } from "#runner/loop/permit.ts";
import { bookableIn } from "#runner/carry-out.ts";
import { Checker } from "./check.ts";
import type { Network, PushFate } from "./clone.ts";
import { BEGINNING, SLOW, type Idempotency } from "./company.ts";
import type { Faults } from "./faults.ts";
import { Main, type Commit } from "./main.ts";
import { Shelf } from "./saving.ts";
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
  readonly checkpointsFor: typeof checkpointsFor;
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
  /** What compaction has joined is looked for, too. */
  readonly readsJoined: boolean;
  /** What the origin may know already becomes one commit with what came after it. */
  readonly joinsOffered: boolean;
  /** Of lanes: what is claimed for them, what they do with a step, when it is too late for that, and what is noted before. */
  readonly claimsForPlan: typeof claimsForPlan;
  readonly unitMove: typeof unitMove;
  readonly isTooLate: typeof isTooLate;
  readonly mustNote: (start: StepStart, isRefused: boolean) => boolean;
  /** What is handed out is permitted before. */
  readonly permitsHandOut: (event: LedgerEvent) => boolean;
  /** Nothing is decided for what lanes are at work on, and their claim stands. */
  readonly sparesWorking: boolean;
  readonly endOwnLanes: typeof endOwnLanes;
  /** What becomes of a step of which no lane has told. */
  readonly lostStep: typeof lostStep;
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
  checkpointsFor,
  countsHeld: true,
  publishesIntents: true,
  asksOnly: true,
  dropsUnseen: true,
  stopsWhenSetBack: true,
  readsJoined: true,
  joinsOffered: false,
  claimsForPlan,
  unitMove,
  isTooLate,
  mustNote: needsPermit,
  permitsHandOut: () => true,
  sparesWorking: true,
  endOwnLanes,
  lostStep,
};

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
  readonly shelf: Shelf;
  readonly isSaving: boolean;
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
    this.isSaving = faults.saving;
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
    this.shelf = new Shelf(report, faults.skewMs);
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
      this.shelf.see(done, this.remote.tip);
      if (done.event.kind === "spend-granted") this.till.accept(done.event);
      if (done.event.kind === "rewrite-accepted") this.#acceptMain(done.event);
      if (done.change.kind === "gate-opened") {
        this.gates.set(done.change.gate.record.id, done.change.gate.record);
      }
    }
  }
}
