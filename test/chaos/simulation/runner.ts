/** One runner as a generator: at every `yield` it may be stopped for a while, or for ever. */
import { isStart } from "#runner/carry-out.ts";
import type { Plan, StepStart } from "#runner/core/action.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { withOwnGrant } from "#runner/core/money/own-grant.ts";
import { startable } from "#runner/core/parallel.ts";
import { needsPermit } from "#runner/loop/permit.ts";
import type { View } from "#runner/loop/engine.ts";
import { claimed } from "#runner/protocol/lease.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { keptTransaction, spendOf } from "#runner/protocol/kept-transaction.ts";
import { observedTip } from "#runner/protocol/observed-tip.ts";
import { booked } from "../../support/booked.ts";
import { asksPermission, Clone, type Published, type Work } from "./clone.ts";
import { PurseBook } from "./purse-book.ts";
import { resultOf } from "./result.ts";
import { isResting, Rest, type Standing } from "./rest.ts";
import { Saver } from "./saving.ts";
import { foldedBy, lookedUp } from "./compacting.ts";
import { sightOf, withSight, type Sight } from "./sight.ts";
import { Line, type World } from "./world.ts";

/** How long an agent may be at work, and how often its runner looks at its claim. */
const LONGEST_ATTEMPT_MS = 400_000;
const BEAT_MS = 36_000;

interface Circumstances {
  /** The origin cannot be reached: free work goes on, nothing reaches the outside world. */
  readonly isAway: boolean;
}

export class Runner {
  readonly name: string;
  readonly #world: World;
  readonly #skewMs: number;
  readonly #line: Line;
  readonly #clone: Clone;
  #clock = 0;
  /** When its tick began, by its clock. */
  #began = "";
  #sight: Sight;
  readonly #rest = new Rest();
  /** Effects that it is about to carry out without asking anybody. */
  readonly #acting = new Set<string>();
  #nextBeat = "";
  readonly #purse: PurseBook;
  readonly #saver: Saver;
  /** Runs in which others were faster since it has begun what is at work. */
  readonly #parted = new Set<string>();
  /** The tick that goes on; null between two. */
  #tick: Work | null = null;

  /** `ahead`: where its clock stands between the earliest (0) and the latest (1) of all. */
  constructor(name: string, ahead: number, world: World) {
    this.name = name;
    this.#world = world;
    this.#skewMs = Math.round((ahead - 0.5) * world.faults.skewMs);
    this.#sight = sightOf(world);
    this.#line = new Line(world);
    this.#clone = new Clone(name, this.#line);
    this.#purse = new PurseBook(world);
    this.#saver = new Saver(name, world, this.#clone);
  }

  /** One more piece of work; a tick that is over begins anew. */
  step(): void {
    if (this.#tick === null && isResting(this.#world)) return;
    this.#tick ??= this.#work();
    if (this.#tick.next().done === true) this.#tick = null;
  }

  /** The process is gone; what was durable is there when it starts again. */
  crash(): void {
    this.#tick = null;
    this.#acting.clear();
    this.#purse.die();
    this.#clone.forget();
    this.#world.interruptions += 1;
  }

  /** Whether it may still carry out the effect without asking anybody. */
  isAbout(key: string): boolean {
    return this.#acting.has(key);
  }

  /** Whether what it builds on holds the first `count` that the origin has accepted. */
  hasSeen(count: number): boolean {
    return this.#clone.hasSeen(count);
  }

  get isBusy(): boolean {
    return this.#tick !== null;
  }

  *#work(): Work {
    yield;
    this.#began = this.#at();
    const caught = yield* this.#catchUp();
    const isIdle = (): boolean => this.#clone.pending.length === 0;
    if (caught === "conflict" || this.#rest.lasts(this.#standing, isIdle)) return;
    const circumstances = { isAway: caught === "away" };
    this.#clone.book(this.#purse.settled(this.#clone.observed, this.#at()));
    if (caught === "current") this.#purse.tidy(this.#clone.observed);
    for (let round = 0; round < 40; round += 1) {
      const next = this.#plan();
      const bookable = this.#world.rules.bookable(next, () => circumstances.isAway);
      const transactions = bookable.flatMap((action) => booked(this.#view(), action, this.#at()));
      yield;
      if (transactions.length > 0) this.#clone.book(transactions);
      else if (!(yield* this.#startReady(next, circumstances))) {
        if (yield* this.#letGo(circumstances)) return this.#rest.begin(next, this.#standing);
      }
    }
  }

  /** What it goes by when it has nothing to do. */
  get #standing(): Standing {
    const tip = this.#world.remote.groups.at(-1);
    return { tip, sight: this.#sight, clock: () => this.#at() };
  }

  *#catchUp(): Work<"current" | "away" | "conflict"> {
    const clone = this.#clone;
    if (!this.#line.isReachable()) {
      if (this.#world.rules.dropsUnseen) clone.dropPermissions();
      return "away";
    }
    if (clone.isParted) return "conflict";
    this.#sight = sightOf(this.#world);
    if (clone.pending.length === 0) {
      clone.follow();
      return "current";
    }
    return yield* this.#publishLeftOver();
  }

  /** Nothing is known of a push that a crash cut off: what the origin has of it is not pending any more. */
  *#publishLeftOver(): Work<"current" | "away" | "conflict"> {
    const clone = this.#clone;
    if (clone.hasLanded()) clone.settle();
    else if (this.#world.rules.dropsUnseen && clone.unknown.some(asksPermission)) clone.rebuild();
    yield;
    const published = yield* this.#publish();
    if (published === "contended" || published === "parted") return "conflict";
    if (published !== "as-seen" && published !== "rebuilt") return "away";
    if (clone.isParted) return "conflict";
    if (clone.isBehind) {
      clone.rebuild();
      this.#sight = sightOf(this.#world);
    }
    return "current";
  }

  /** Where others were faster, all is seen anew, main too; also when nothing came of the push after that. */
  *#publish(): Work<Published> {
    const { observed: before, rebuilds } = this.#clone;
    const published = yield* this.#clone.publish();
    if (this.#clone.rebuilds > rebuilds) {
      const parted = this.#world.rules.partedRuns(before, this.#clone.observed);
      for (const run of parted) this.#parted.add(run);
      this.#sight = sightOf(this.#world);
    }
    return published;
  }

  #plan(): Plan {
    const { rules } = this.#world;
    for (;;) {
      const seen = withSight(this.#clone.observed, this.#sight);
      const now = this.#world.isPunctual ? this.#began : this.#at();
      const next = rules.plan(this.#sight.commit.workspace, seen, now);
      if (next.wants.length === 0) return next;
      const { observed } = this.#clone;
      this.#clone.observed = lookedUp(observed, next.wants, (path) => this.#clone.textAt(path));
    }
  }

  /** True when something was started. */
  *#startReady({ actions }: Plan, { isAway }: Circumstances): Work<boolean> {
    const ready = actions.filter(isStart);
    const planned = isAway ? ready.filter((start) => !needsPermit(start)) : ready;
    const chosen = startable(planned, [], this.#clone.observed);
    if (chosen.length === 0) return false;
    const permissions = isAway
      ? []
      : [...this.#claim(chosen.map(({ run }) => run)), ...this.#permits(chosen)];
    this.#clone.book(permissions);
    // From here on it may fall asleep, and act when it wakes up.
    for (const { effect } of chosen) if (effect !== null) this.#acting.add(effect.key);
    yield;
    if (permissions.length > 0 && this.#world.rules.publishesIntents) {
      const published = yield* this.#publish();
      if (published !== "as-seen") {
        this.#acting.clear();
        return published === "rebuilt";
      }
    }
    const runs = chosen.map(({ run }) => run);
    this.#nextBeat = addMs(this.#world.now, BEAT_MS);
    this.#parted.clear();
    const granted = chosen.map((start) => withOwnGrant(this.#clone.observed, start));
    for (const start of granted) yield* this.#execute(start, runs);
    this.#acting.clear();
    return true;
  }

  *#execute(start: StepStart, runs: readonly string[]): Work {
    const view = this.#view();
    const { effect } = start;
    // While the step before was at work, the run has come to its end elsewhere.
    if (!view.observed.runs.has(start.run) || this.#isParted(start)) return;
    this.#world.begin(start);
    this.#saver.begin(view, start);
    const taken = yield* this.#purse.ask(start);
    yield* this.#last(runs, start);
    const outcome = yield* this.#act(start);
    const { random, faults, rules } = this.#world;
    const isFailing = effect === null && random.chance(faults.failure);
    const result = resultOf(view, start, {
      at: this.#at(),
      outcome: isFailing ? "crashed" : outcome,
      mark: random.below(1e9),
      taken,
    });
    const facts = this.#isParted(start) ? spendOf(result) : [result];
    const { kept } = rules.rebase(facts, observedTip(facts, this.#clone.observed));
    this.#clone.book(kept.map((one) => keptTransaction(one, facts)));
    yield;
  }

  *#act({ effect, resume, askOnly, run, inputs }: StepStart): Work<Outcome> {
    if (effect === null) return "succeeded";
    yield;
    const how = { isAgain: resume, askOnly: this.#world.rules.asksOnly && askOnly === true };
    if (!how.askOnly) this.#world.expectApproved(run, inputs["text"]);
    const outcome = this.#world.act(effect.key, how) ? "succeeded" : "uncertain";
    this.#acting.delete(effect.key);
    yield;
    return outcome;
  }

  /** Others have replaced what it was begun with. */
  #isParted({ effect, run }: StepStart): boolean {
    return effect === null && this.#parted.has(run);
  }

  /** An agent at work; the claim is renewed meanwhile. */
  *#last(runs: readonly string[], start: StepStart): Work {
    const { random, faults } = this.#world;
    yield* this.#beat(runs);
    yield;
    if (!random.chance(faults.lasting)) return;
    const until = addMs(this.#world.now, random.below(LONGEST_ATTEMPT_MS));
    while (this.#world.now < until) {
      yield;
      yield* this.#beat(runs);
      const hasSaved = !this.#isParted(start) && this.#saver.saveInto(this.#clone, this.#at());
      if (hasSaved) yield* this.#share();
    }
  }

  /** Half of what was saved waits for more, as where little may be pushed. */
  *#share(): Work {
    yield;
    if (this.#world.random.chance(0.5) && this.#line.isReachable()) yield* this.#publish();
  }

  /** Tells others from time to time that the work goes on; who loses a race against them says it again at once. */
  *#beat(runs: readonly string[]): Work {
    if (this.#world.now < this.#nextBeat || !this.#line.isReachable()) return;
    this.#nextBeat = addMs(this.#world.now, BEAT_MS);
    const claim = this.#claim(runs);
    if (claim.length === 0) return;
    this.#clone.book(claim);
    if ((yield* this.#publish()) === "rebuilt") this.#nextBeat = this.#world.now;
  }

  #claim(runs: readonly string[]): readonly Transaction[] {
    const own = this.#clone.observed.runners.find(({ runner }) => runner === this.name);
    return this.#world.rules.mustClaim(own, runs, this.#at()) ? [this.#claimOf(runs)] : [];
  }

  #claimOf(runs: readonly string[]): Transaction {
    const now = this.#at();
    const record = this.#world.rules.claim(this.#clone.observed.runners, {
      runner: this.name,
      runs,
      now,
    });
    return claimed(record, now);
  }

  #permits(chosen: readonly StepStart[]): readonly Transaction[] {
    const { says } = this.#sight.commit;
    return this.#purse.permits(this.#view(), chosen, { clock: () => this.#at(), says });
  }

  /** True when all is published and nothing has changed. */
  *#letGo({ isAway }: Circumstances): Work<boolean> {
    const own = this.#clone.observed.runners.find(({ runner }) => runner === this.name);
    if (!isAway && own !== undefined && own.runs.length > 0) this.#clone.book([this.#claimOf([])]);
    yield;
    if ((yield* this.#publish()) === "rebuilt") return false;
    return isAway || !(yield* this.#compact());
  }

  /** Folds what is old, where all is published; true when it has. */
  *#compact(): Work<boolean> {
    const made = foldedBy(this.#world, this.#clone, () => this.#at());
    if (made === null) return false;
    this.#clone.book([made]);
    yield;
    yield* this.#publish();
    return true;
  }

  #view(): View {
    const observed = withSight(this.#clone.observed, this.#sight);
    return { refs: new Map(), workspace: this.#sight.commit.workspace, observed };
  }

  /** This runner's idea of the time, later at every call. */
  #at(): string {
    this.#clock += 1;
    return addMs(this.#world.now, this.#skewMs + (this.#clock % 1000));
  }
}
