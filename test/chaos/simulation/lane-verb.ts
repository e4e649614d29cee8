/** `fettle plan --lanes` and `fettle settle`, each in a clone that was made for it: a tick that executes nothing. */
import { isStart } from "#runner/carry-out.ts";
import type { Plan } from "#runner/core/action.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { packLanes } from "#runner/core/lane/lane-pack.ts";
import { type LanePlan, lanePlanOf, parcelOf, planId } from "#runner/core/lane/lane-plan.ts";
import { unitKey } from "#runner/core/parallel.ts";
import type { View } from "#runner/loop/engine.ts";
import { keptTransaction } from "#runner/protocol/kept-transaction.ts";
import { observedTip } from "#runner/protocol/observed-tip.ts";
import { booked } from "../../support/booked.ts";
import { Clone, type Published, type Work } from "./clone.ts";
import { foldedBy, lookedUp } from "./compacting.ts";
import { PurseBook } from "./purse-book.ts";
import { resultsOf, type Settling } from "./settling.ts";
import { sightOf, withSight, type Sight } from "./sight.ts";
import type { Handed } from "./wave.ts";
import { Line, type World } from "./world.ts";

const MOST_LANES = 3;
const MOST_ROUNDS = 40;

export type Errand =
  | { readonly kind: "plan"; readonly hand: (handed: Handed) => void }
  | ({ readonly kind: "settle" } & Settling);

/** What became of handing over; `over`: others were not faster, and nothing came of it. */
type Given = "done" | "again" | "over";

export class LaneVerb {
  readonly #world: World;
  readonly #errand: Errand;
  readonly #skewMs: number;
  readonly #line: Line;
  readonly #clone: Clone;
  readonly #purse: PurseBook;
  readonly #work: Work;
  #sight: Sight;
  #began = "";
  #clock = 0;
  /** Units that lanes are at work on. */
  #working: ReadonlySet<string> = new Set();
  #hasHanded = false;
  #isOver = false;

  constructor(world: World, name: string, errand: Errand) {
    this.#world = world;
    this.#errand = errand;
    this.#skewMs = Math.round((world.random.next() - 0.5) * world.faults.skewMs);
    this.#line = new Line(world);
    this.#clone = new Clone(name, this.#line);
    this.#purse = new PurseBook(world);
    this.#sight = sightOf(world);
    this.#work = this.#tick();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  step(): void {
    if (this.#work.next().done === true) this.#isOver = true;
  }

  /** Its clone is gone with it. */
  crash(): void {
    this.#isOver = true;
  }

  hasSeen(count: number): boolean {
    return this.#clone.hasSeen(count);
  }

  *#tick(): Work {
    this.#began = this.#at();
    if (!this.#line.isReachable()) return;
    this.#clone.follow();
    this.#sight = sightOf(this.#world);
    yield;
    if (!this.#bookResults()) return;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const next = this.#plan();
      const bookable = this.#world.rules.bookable(next, () => false);
      const transactions = bookable.flatMap((action) => booked(this.#view(), action, this.#at()));
      yield;
      if (transactions.length > 0) this.#clone.book(transactions);
      else if ((yield* this.#letGo(next)) === "over") return;
    }
  }

  /** What lanes have told; false where the state does not know of them. */
  #bookResults(): boolean {
    if (this.#errand.kind === "plan") return true;
    const { handed } = this.#errand.wave;
    const { observed } = this.#clone;
    const isKnown = observed.runners.some(
      ({ runner, plan }) => runner === handed.plan.runner && plan === handed.id,
    );
    const isPast = handed.tip !== undefined && this.#world.remote.groups.includes(handed.tip);
    if (!isKnown && !isPast) return false;
    const wants = handed.plan.units.flatMap(({ start: { effect } }) =>
      effect === null ? [] : [{ kind: "receipt", base: effect.base } as const],
    );
    const seen = lookedUp(observed, wants, (path) => this.#clone.textAt(path));
    const { rules } = this.#world;
    const facts = { present: seen, now: this.#at(), lostStep: rules.lostStep };
    const { news, open } = resultsOf(this.#errand, facts);
    this.#working = new Set(open.map(unitKey));
    this.#clone.book(
      news.flatMap((made) => {
        const { kept } = rules.rebase(made, observedTip(made, seen));
        return kept.map((one) => keptTransaction(one, made));
      }),
    );
    return true;
  }

  #plan(): Plan {
    const { rules } = this.#world;
    for (;;) {
      const seen = withSight(this.#clone.observed, this.#sight);
      const working = rules.sparesWorking ? this.#working : new Set<string>();
      const next = rules.plan(this.#sight.commit.workspace, { ...seen, working }, this.#began);
      if (next.wants.length === 0) return next;
      const { observed } = this.#clone;
      this.#clone.observed = lookedUp(observed, next.wants, (path) => this.#clone.textAt(path));
    }
  }

  *#letGo(next: Plan): Work<Given> {
    const given = yield* this.#handOver(next);
    if (given !== "done") return given;
    if (this.#errand.kind === "settle") {
      const isOver = this.#working.size === 0;
      const end = this.#world.rules.endOwnLanes(this.#clone.observed, { isOver, now: this.#at() });
      if (end !== null) this.#clone.book([end]);
    }
    yield;
    if ((yield* this.#publish()) === "rebuilt") return "again";
    return (yield* this.#compact()) ? "again" : "over";
  }

  /** As any tick does where all is published. */
  *#compact(): Work<boolean> {
    const made = foldedBy(this.#world, this.#clone, () => this.#at());
    if (made === null) return false;
    this.#clone.book([made]);
    yield;
    return true;
  }

  /** Where it dies behind its permissions, nobody ever has the plan. */
  *#handOver({ actions }: Plan): Work<Given> {
    const starts = actions.filter(isStart);
    if (this.#errand.kind === "settle" || this.#hasHanded || starts.length === 0) return "done";
    const view = this.#view();
    const plan = this.#lanesFor(view, starts);
    const { rules } = this.#world;
    const chosen = plan.units.map(({ start }) => start);
    const { says } = this.#sight.commit;
    const permits = this.#purse.permits(view, chosen, { clock: () => this.#at(), says });
    this.#clone.book([
      ...rules.claimsForPlan(view.observed.runners, plan),
      ...permits.filter(({ event }) => rules.permitsHandOut(event)),
    ]);
    yield;
    const published = yield* this.#publish();
    yield;
    if (published !== "as-seen") return published === "rebuilt" ? "again" : "over";
    const { base } = this.#clone;
    const tip = this.#world.remote.groups[base - 1];
    this.#hasHanded = true;
    this.#working = new Set(chosen.map(unitKey));
    this.#errand.hand({ id: planId(plan), plan, past: this.#view(), tip, base });
    return "done";
  }

  /** Agents need other secrets each, so that there are several lanes. */
  #lanesFor({ observed, workspace }: View, starts: LanePlan["units"][number]["start"][]): LanePlan {
    const items = starts.map((start) => {
      const parcel = parcelOf(start, [start.agent], observed);
      return { ...parcel, start, invocation: digestOf(start.inputs) };
    });
    const { lanes } = packLanes(items, MOST_LANES);
    const facts = { runner: observed.self, commit: workspace.commit, at: this.#at() };
    return lanePlanOf(lanes, facts).plan;
  }

  /** Where others were faster, main is seen anew, too. */
  *#publish(): Work<Published> {
    const { rebuilds } = this.#clone;
    const published = yield* this.#clone.publish();
    if (this.#clone.rebuilds > rebuilds) this.#sight = sightOf(this.#world);
    return published;
  }

  #view(): View {
    const observed = withSight(this.#clone.observed, this.#sight);
    return { refs: new Map(), workspace: this.#sight.commit.workspace, observed };
  }

  /** Its idea of the time, later at every call. */
  #at(): string {
    this.#clock += 1;
    return addMs(this.#world.now, this.#skewMs + (this.#clock % 1000));
  }
}
