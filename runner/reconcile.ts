/**
 * One tick: load, observe, plan, carry out, until nothing is ready. Read this file first.
 *
 * What happens is decided in core/plan.ts; how an action becomes one transaction stands in carry-out.ts.
 */
import { bookableIn, carryOutAll, isCompaction, isDelivery, isDrop, isStart } from "./carry-out.ts";
import type { Hold, Plan, StepStart } from "./core/action.ts";
import type { Transaction } from "./core/ledger-event.ts";
import { calledOff } from "./core/cancel.ts";
import { isReworked } from "./core/rework.ts";
import { startable } from "./core/parallel.ts";
import { plan } from "./core/plan.ts";
import { readsWhatWaits } from "./core/reads-what-waits.ts";
import { sharesCommit } from "./core/shared-commit.ts";
import { observeTransactions } from "./core/observe-transaction.ts";
import { takeAskedStops } from "./loop/asked-stops.ts";
import { type Booker, bookerFor } from "./loop/booker.ts";
import { carryDeliveries } from "./loop/carry-delivery.ts";
import { claimsOf, release } from "./loop/carry-claim.ts";
import { compact, withoutCompaction } from "./loop/compact.ts";
import type { Engine, View } from "./loop/engine.ts";
import { dropMonth } from "./loop/drop-payload.ts";
import { completePlan } from "./loop/complete-plan.ts";
import { look, viewOf, type Seen } from "./loop/look.ts";
import { needsPermit, permitsFor } from "./loop/permit.ts";
import { holdsMuchBack, publishPending, type Published } from "./loop/publish-pending.ts";
import { Progress } from "./loop/progress.ts";
import { PushBucket } from "./loop/push-bucket.ts";
import { beginTick, endTick } from "./loop/tick-start.ts";
import { isLasting, StepRunner } from "./loop/step-runner.ts";
import {
  deliveryHold,
  hasDelivered,
  refusedEnd,
  type Tick,
  type TickEnd,
  type TickStart,
  unpublishedEnd,
} from "./loop/tick-end.ts";
import type { RefUpdate } from "./repo/ref-transaction.ts";

/** Reconciles until nothing is ready. After `signal` nothing new starts, and what runs is cancelled and booked. */
export async function reconcile(engine: Engine, signal: AbortSignal): Promise<Tick> {
  const begun = await beginTick(engine, signal);
  if (begun.kind === "over") return begun.tick;
  const tick = await new Ticking(engine, begun.start).run();
  return endTick(engine, tick, begun.start);
}

/** The state of one tick; `#view` is replaced, never changed, and is ahead of what is durable by `#booker.waiting`. */
class Ticking {
  readonly #engine: Engine;
  readonly #now: string;
  readonly #signal: AbortSignal;
  readonly #isAway: boolean;
  readonly #steps: StepRunner;
  readonly #pushes = new PushBucket();
  readonly #progress = new Progress();
  #seen: Seen;
  #view: View;
  #plan: Plan;
  #booker: Booker;
  #booked = 0;
  #deliveryHolds: readonly Hold[] = [];
  #failure: TickEnd | null = null;
  /** Others have changed what the steps at work began with. */
  #isRebuilt = false;

  constructor(engine: Engine, { now, signal, seen, isAway }: TickStart) {
    this.#engine = engine;
    this.#now = now;
    this.#signal = signal;
    this.#isAway = isAway;
    this.#steps = new StepRunner(engine, signal);
    this.#seen = seen;
    this.#view = viewOf(seen);
    this.#plan = plan(this.#view.workspace, this.#view.observed, now);
    this.#booker = this.#newBooker();
  }

  async run(): Promise<Tick> {
    try {
      await this.#add(this.#steps.leftBehind(this.#view));
      await this.#add((await this.#engine.hands?.results(this.#view)) ?? []);
      await this.#untilNothingIsReady();
    } catch (error) {
      // What goes wrong now follows from what went wrong before, which says more.
      await this.#stop().catch(() => undefined);
      throw error;
    }
    await this.#stop();
    return this.#end();
  }

  async #untilNothingIsReady(): Promise<void> {
    for (;;) {
      await this.#replan();
      if (this.#hasFailed()) break;
      if ((await this.#bookReady()) || !(await this.#startReady())) continue;
      if (this.#steps.starts.length > 0) await this.#takeLanded();
      else if (this.#signal.aborted || !(await this.#deliver())) {
        if ((await this.#letGo()) && !(await this.#tidy())) break;
      }
    }
  }

  /** Nothing stays at work when the lock is let go, however the tick ends: who ticks next would begin it beside itself. */
  async #stop(): Promise<void> {
    await this.#bookLanded(await this.#steps.stop());
    await this.#booker.settle();
  }

  async #replan(): Promise<void> {
    await takeAskedStops(this.#engine, this.#view, (made) => this.#book(made, []));
    const working = this.#engine.hands?.working ?? this.#steps.units;
    const observed = { ...this.#view.observed, working };
    const complete = await completePlan(this.#engine.store, { ...this.#view, observed }, this.#now);
    this.#view = { ...this.#view, observed: complete.observed };
    this.#plan = complete.plan;
    this.#steps.cutOff(calledOff(complete.observed));
  }

  /** Books every action that needs no execution; true when there was one. */
  async #bookReady(): Promise<boolean> {
    const isUnheard = (gate: string | null): boolean => this.#isUnheard(gate);
    const actions = this.#signal.aborted ? [] : bookableIn(this.#plan, isUnheard);
    if (actions.length === 0) return false;
    this.#progress.expect(actions);
    const isShared = sharesCommit(actions, this.#booker.waiting);
    if (!isShared) await this.#booker.settle();
    const facts = { actions, plan: this.#plan };
    const { transactions, refs } = await carryOutAll(this.#engine, this.#view, facts);
    const isAdded = isShared && refs.length === 0;
    await (isAdded ? this.#add(transactions) : this.#book(transactions, refs));
    if (actions.some(({ kind }) => kind === "gate-open")) await this.#publish();
    // The next run starts from what this one leaves on state.
    if (actions.some(isReworked) && (await this.#publish())) await this.#lookAgain();
    return true;
  }

  /** Whether somebody may have objected at the origin, or on the forge, without being heard here. */
  #isUnheard(gate: string | null): boolean {
    const open = gate === null ? undefined : this.#view.observed.gates.get(gate);
    return this.#isAway || (open !== undefined && this.#engine.forge.isUnheard(open.record.branch));
  }

  /** Starts what fits, after the intents of its effects are published; false when others were faster, and all is to be planned again. */
  async #startReady(): Promise<boolean> {
    if (this.#signal.aborted || this.#engine.hands !== undefined) return true;
    const ready = this.#plan.actions.filter(isStart);
    const here = ready.filter((start) => !this.#isAway || !needsPermit(start));
    const chosen = startable(here, this.#steps.starts, this.#view.observed);
    if (chosen.length > 0 && readsWhatWaits(this.#view.observed, chosen, this.#booker.waiting)) {
      await this.#booker.settle();
    }
    if (!(await this.#permit(chosen))) return false;
    for (const start of chosen) this.#steps.start(this.#view, start);
    return true;
  }

  /** External effects and model work start only with their permissions on the newest state; claims spare others the same work. */
  async #permit(chosen: readonly StepStart[]): Promise<boolean> {
    if (chosen.length === 0) return true;
    const permissions = [
      ...this.#claims([...this.#steps.starts, ...chosen]),
      ...permitsFor(this.#engine, this.#view, chosen),
    ];
    if (permissions.length === 0) return !this.#hasFailed();
    await this.#book(this.#steps.expecting(permissions), []);
    // Where another runner was faster, the permissions are refused, and asked for again by the next plan.
    return (await this.#publish()) && !this.#hasFailed();
  }

  #claims(starts: readonly StepStart[]): readonly Transaction[] {
    return this.#isAway ? [] : claimsOf(this.#engine, this.#view, starts);
  }

  /** Results are planned with at once and made durable together. */
  async #takeLanded(): Promise<void> {
    this.#booker.begin();
    const landed = await this.#steps.landed();
    await this.#bookLanded(landed);
    if (isLasting(landed) || this.#claims(this.#steps.starts).length > 0) await this.#share();
    if (holdsMuchBack(this.#engine.store)) await this.#publish();
  }

  async #bookLanded(landed: readonly Transaction[]): Promise<void> {
    await this.#add(this.#isRebuilt ? this.#steps.fitting(landed, this.#view.observed) : landed);
  }

  /** Others must neither take over what goes on here nor miss what it has saved, should this machine be gone; a push that fails is made up for at the end. */
  async #share(): Promise<void> {
    if (this.#isAway || this.#signal.aborted || !this.#pushes.take(this.#engine.clock())) return;
    const claims = this.#claims(this.#steps.starts);
    await (claims.length === 0 ? this.#booker.settle() : this.#book(claims, []));
    if (this.#hasFailed()) return;
    await this.#publishSeeing();
  }

  /** Where another runner was faster all is seen anew, also when nothing came of the push after that. */
  async #publishSeeing(): Promise<Published> {
    const published = await publishPending(this.#engine, this.#signal);
    if (published.isRebuilt) await this.#lookAgain();
    this.#isRebuilt ||= published.isRebuilt;
    return published;
  }

  /** Moves what is ready to main; true when main or state has changed. */
  async #deliver(): Promise<boolean> {
    const actions = this.#plan.actions.filter(isDelivery);
    if (actions.length === 0 || this.#deliveryHolds.length > 0) return false;
    // Results stand for themselves: a delivery that the origin refuses takes none of them along.
    if (!(await this.#publish())) return true;
    if (this.#hasFailed()) return false;
    const outcome = await carryDeliveries(this.#engine, this.#view, actions);
    const hold = deliveryHold(outcome);
    if (hold !== null) this.#deliveryHolds = [hold];
    if (!hasDelivered(outcome)) return false;
    this.#booked += actions.length;
    await this.#publish();
    await this.#lookAgain();
    return true;
  }

  /** Hands over what is ready, once its permissions are published; false when others were faster, and all is to be planned again. */
  async #handOver(): Promise<boolean> {
    const starts = this.#isAway || this.#signal.aborted ? [] : this.#plan.actions.filter(isStart);
    const offer = await this.#engine.hands?.offer(this.#view, starts);
    if (offer === undefined) return true;
    await this.#book(offer.permissions, []);
    if (!(await this.#publish())) return false;
    if (!this.#hasFailed()) await this.#add(await offer.give(this.#view, this.#engine.store.tip));
    return true;
  }

  /** Says that this runner works on nothing any more, and publishes all; false when there is more to do by now. */
  async #letGo(): Promise<boolean> {
    if (!(await this.#handOver())) return false;
    const released = (this.#engine.hands?.release ?? release)(this.#view, this.#engine.clock());
    if (released !== null) await this.#book([released], []);
    return this.#publish();
  }

  /** What is old leaves the tip of the state, then the payload; true when there is more to do. */
  async #tidy(): Promise<boolean> {
    return (await this.#compact()) || this.#dropPayload();
  }

  /** Folds old records of the state; true when it has. Only what is published is folded, and nothing else shares the commit. */
  async #compact(): Promise<boolean> {
    const action = this.#plan.actions.find(isCompaction);
    const isOver = this.#signal.aborted || this.#isAway || this.#hasFailed();
    if (action === undefined || isOver) return false;
    const compacting = await compact(this.#engine, action.compaction);
    if (compacting.kind === "not-here") this.#plan = withoutCompaction(this.#plan);
    if (compacting.kind !== "made") return false;
    await this.#book([compacting.made], []);
    return true;
  }

  /** Drops a month of recorded inputs and outputs; true when it has. Nothing else shares the commit, and it is published before the next. */
  async #dropPayload(): Promise<boolean> {
    const action = this.#plan.actions.find(isDrop);
    const isOver = this.#signal.aborted || this.#isAway || this.#hasFailed();
    if (action === undefined || isOver) return false;
    const dropping = await dropMonth(this.#engine, action);
    if (dropping.kind === "changed") return false;
    await this.#book([dropping.made], dropping.refs);
    return true;
  }

  async #add(transactions: readonly Transaction[]): Promise<void> {
    this.#observe(transactions);
    await this.#booker.add(transactions);
  }

  /** Durable when it resolves, unless it failed. */
  async #book(transactions: readonly Transaction[], refs: readonly RefUpdate[]): Promise<void> {
    this.#observe(transactions);
    await this.#booker.book(transactions, refs);
  }

  #observe(transactions: readonly Transaction[]): void {
    const observed = observeTransactions(this.#view.observed, transactions);
    this.#view = { ...this.#view, observed };
  }

  #newBooker(): Booker {
    const onBooked = (booked: number): void => void (this.#booked += booked);
    return bookerFor(this.#engine, this.#view.observed.summaries, onBooked);
  }

  #hasFailed(): boolean {
    this.#failure ??= refusedEnd(this.#booker.refusal);
    return this.#failure !== null;
  }

  /** Makes all durable and brings it to the origin; false when another runner was faster: then all is seen anew. */
  async #publish(): Promise<boolean> {
    await this.#booker.flush();
    if (this.#hasFailed()) return true;
    const published = await this.#publishSeeing();
    if (published.ok) return !published.isRebuilt;
    this.#failure = unpublishedEnd(published, this.#signal.aborted);
    return true;
  }

  async #lookAgain(): Promise<void> {
    this.#booker.retire();
    const seen = await look(this.#engine, { cache: this.#engine.cache, now: this.#now });
    if (seen.workspace === null) return;
    this.#seen = seen;
    this.#view = this.#steps.seeing(this.#view, viewOf(seen));
    this.#progress.forget();
    this.#booker = this.#newBooker();
  }

  #end(): Tick {
    const observed = { ...this.#view.observed, tip: this.#engine.store.tip };
    return {
      end: this.#failure ?? { kind: this.#signal.aborted ? "interrupted" : "settled" },
      plan: this.#plan,
      view: { ...this.#view, observed },
      booked: this.#booked,
      holds: [...this.#plan.holds, ...this.#deliveryHolds],
      violations: this.#seen.violations,
    };
  }
}
